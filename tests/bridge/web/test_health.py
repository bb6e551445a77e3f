"""What a load balancer and a watcher ask: alive, ready, and how far behind."""

import shutil

import sqlalchemy as sa

from tests.engines import on_sqlite


def test_alive_is_alive_whatever_the_database_does(rig):
    """Nothing is asked but whether this process answers."""
    assert 200 == rig.client.get("/livez").status_code


def test_nothing_waits_where_all_is_done(opened):
    """Ready, and no backlog."""
    rig, _ = opened

    assert {"waiting": 0, "oldest_seconds": 0.0} == rig.client.get("/readyz").json


def test_the_backlogs_age_is_that_of_who_waits_longest(rig):
    """Two orders nobody works on: both are counted, the older one tells the age."""
    rig.order("1", id_="first", line="1", client="1")
    rig.wait(30)
    rig.order("2", id_="second", line="2", client="2")
    told = rig.client.get("/readyz").json

    assert 2 == told["waiting"]
    assert 30 <= told["oldest_seconds"] < 40


@on_sqlite
def test_without_its_database_it_is_not_ready(rig, tmp_path):
    """503, and the process is alive all the same."""
    file = rig.database.url.database
    rig.database.close()
    shutil.move(file, f"{file}.away")
    answer = rig.client.get("/readyz")
    shutil.move(f"{file}.away", file)

    assert (503, "no_database") == (answer.status_code, answer.json["code"])
    assert 200 == rig.client.get("/livez").status_code


def test_on_older_tables_it_is_not_ready(rig):
    """A deploy that forgot to bring them up must not be sent events."""
    # Guard off (the revision is not looked at): red.
    with rig.database.change() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    answer = rig.client.get("/readyz")

    assert (503, "old_tables") == (answer.status_code, answer.json["code"])
    assert "switchhook db upgrade" in answer.json["detail"]


def test_on_a_newer_versions_tables_it_goes_on(rig):
    """Amid a deploy the old processes take in until they are stopped."""
    with rig.database.change() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    assert 200 == rig.client.get("/readyz").status_code


def test_with_too_little_disk_it_is_not_ready(make):
    """Before the disk is full, and not after."""
    # Guard off (the disk is not looked at): red.
    rig, _ = make(more="[serve]\ndisk_free = 1000000")
    answer = rig.client.get("/readyz")

    assert (503, "disk_full") == (answer.status_code, answer.json["code"])
    assert "serve.disk_free" in answer.json["detail"]
