"""For a run that only asks what fails: properties take the same steps each time."""

from hypothesis import Phase, settings

settings.register_profile(
    "quick",
    phases=(Phase.explicit, Phase.generate),
    database=None,
    derandomize=True,
    deadline=None,
)
# Whatever settings a suite makes of its own start from the profile in force then.
settings.load_profile("quick")
