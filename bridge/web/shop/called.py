"""What things of ours are called by a customer: cycles, states, statuses."""

from __future__ import annotations

from bridge.access.customers import Standing
from bridge.billing.asking import Answer
from bridge.billing.payments import Method, Reason, Type
from bridge.store.customers import Purpose
from bridge.store.shop_orders import State
from bridge.words.speech import Speech
from provisioning.core import events
from provisioning.core.effective import From
from provisioning.core.news import Topic
from provisioning.core.splice import Segment, Why
from provisioning.core.thresholds import Measure, Per

COMING = "coming"
"""What is to follow, and nobody has paid for yet."""


def cycles(said: Speech) -> dict[str, str]:
    return {
        "once": said.say("once"),
        "monthly": said.say("a month"),
        "quarterly": said.say("a quarter"),
        "semiannually": said.say("half a year"),
        "annually": said.say("a year"),
        "biennially": said.say("two years"),
        "triennially": said.say("three years"),
    }


def states(said: Speech) -> dict[str, str]:
    return {
        State.ASKED: said.say("An admin looks at it"),
        State.OPEN: said.say("Waits for payment"),
        State.PAID: said.say("Paid"),
        State.HELD: said.say("Paid; a person looks at it"),
        State.CANCELLED: said.say("Called off"),
        State.DECLINED: said.say("Declined"),
    }


def statuses(said: Speech) -> dict[str, str]:
    """P5: exactly one of three."""
    return {
        "active": said.say("Active"),
        "trial": said.say("Trial"),
        "inactive": said.say("Inactive"),
    }


def sources(said: Speech) -> dict[str, str]:
    """Where a limit comes from."""
    return {
        From.PLAN: said.say("Plan"),
        From.GRACE: said.say("Plan, not paid for now"),
        From.SEATS: said.say("Further seats"),
        From.ADDON: said.say("Add-on"),
        From.TRIMMED: said.say("Above what the plan allows"),
        From.UMBRELLA: said.say("Special mode"),
        From.COUPON: said.say("Coupon"),
    }


def roles(said: Speech) -> dict[str, str]:
    """S11."""
    return {
        Standing.OWNER: said.say("Owner: everything, and who else may come in"),
        Standing.PAYER: said.say("Payer: orders, changes and pays"),
        Standing.VIEWER: said.say("Viewer: looks, and changes nothing"),
    }


def whys(said: Speech) -> dict[str, str]:
    """What gives a service its plan for a time."""
    return {
        Why.PAID: said.say("paid"),
        Why.TRIAL: said.say("trial"),
        Why.FREE: said.say("free of charge"),
        Why.COUPON: said.say("coupon"),
        Why.GRACE: said.say("not paid"),
        COMING: said.say("Scheduled"),
    }


def kind(part: Segment) -> str:
    """Of a stretch of time: what gives the plan then, or that it is yet to be paid."""
    is_coming = part.why is Why.PAID and part.base.no is None
    return COMING if is_coming else part.why.value


def happened(said: Speech) -> dict[tuple[str, bool], str]:
    """What was said of a service; whether for the end of its period."""
    return {
        (events.Type.ACTIVATE, False): said.say("Ordered"),
        (events.Type.RENEWED, False): said.say("Next period paid"),
        (events.Type.CHANGE, False): said.say("Changed"),
        (events.Type.CHANGE, True): said.say("Change scheduled"),
        (events.Type.SUSPEND, False): said.say("Suspended"),
        (events.Type.RESUME, False): said.say("Resumed"),
        (events.Type.REINSTATE, False): said.say("Kept on"),
        (events.Type.TERMINATE, False): said.say("Ended"),
        (events.Type.TERMINATE, True): said.say("Unsubscribed"),
    }


def types(said: Speech) -> dict[str, str]:
    """P17: which way a sum went."""
    return {
        Type.DEPOSIT: said.say("Deposit"),
        Type.DEDUCTION: said.say("Deduction"),
    }


def methods(said: Speech) -> dict[str, str]:
    return {
        Method.MANUAL: said.say("By transfer"),
        Method.PLATFORM: said.say("By the billing page"),
        Method.WITHIN: said.say("Within the account"),
    }


def reasons(said: Speech) -> dict[str, str]:
    return {
        Reason.TOPUP: said.say("Top-up"),
        Reason.BONUS: said.say("Bonus of a top-up"),
        Reason.FREE: said.say("Free credit of the plan"),
        Reason.GIVEN: said.say("A gift of ours"),
        Reason.CARRIED: said.say("Brought along"),
        Reason.MOVED: said.say("Moved between accounts"),
        Reason.REVERSED: said.say("Paid back"),
        Reason.EXPIRED: said.say("Expired unused"),
        Reason.WRITTEN_OFF: said.say("Written off"),
        Reason.USED: said.say("Calls and messages"),
    }


def measures(said: Speech) -> dict[str, str]:
    """S2: what an alert watches."""
    return {
        Measure.BALANCE: said.say("Balance below"),
        Measure.SPENT: said.say("Spent more than"),
        Measure.CALLS: said.say("More calls than"),
        Measure.MINUTES: said.say("More minutes than"),
        Measure.MESSAGES: said.say("More messages than"),
    }


def pers(said: Speech) -> dict[str, str]:
    return {Per.MONTH: said.say("in a month"), Per.DAY: said.say("in a day")}


def doings(said: Speech) -> dict[str, str]:
    """S9: what a customer is told of what was done; what is not named here is ours."""
    return {
        "customer.sign_up": said.say("Signed up"),
        "customer.choose": said.say("Password chosen"),
        "customer.log_in": said.say("Logged in"),
        "customer.log_out_all": said.say("Logged out everywhere"),
        "customer.profile": said.say("Profile changed"),
        "customer.password": said.say("Password changed"),
        "customer.second_factor": said.say("Second factor set up"),
        "customer.no_second_factor": said.say("Second factor taken off"),
        "customer.invite": said.say("Somebody invited"),
        "customer.withdraw": said.say("Invitation withdrawn"),
        "customer.join": said.say("Joined"),
        "customer.role": said.say("Role changed"),
        "customer.remove": said.say("Somebody removed"),
        "shop.order": said.say("Ordered"),
        "shop.paid": said.say("Payment confirmed"),
        "shop.cancel": said.say("Order called off"),
        "shop.payer": said.say("Payer's details changed"),
        "shop.renewal": said.say("Renewal ordered by itself"),
        "renewal.choose": said.say("Automatic renewal switched"),
        "shop.approve": said.say("Change agreed to"),
        "shop.decline": said.say("Change declined"),
        "coupon.activate": said.say("Coupon switched on"),
        "coupon.pass": said.say("Coupon passed on to another account"),
        "umbrella.spread": said.say("A better mode switched on for all plans"),
        "umbrella.fold": said.say("A better mode switched off"),
        "promise.give": said.say("Payment promised"),
        "money.give": said.say("Credit given"),
        "login.send": said.say("Login link mailed"),
        "threshold.set": said.say("Alert set"),
        "threshold.drop": said.say("Alert dropped"),
    }


def mails(said: Speech) -> dict[str, str]:
    """By the type of the mail, its topic, or of a link by what it is for."""
    return {
        "login": said.say("Your account is ready"),
        "threshold": said.say("An alert you set"),
        Purpose.PROVE: said.say("Confirm your address"),
        Purpose.RESET: said.say("Choose a new password"),
        Purpose.JOIN: said.say("An invitation"),
        Answer.AGREED: said.say("Your change can be paid now"),
        Answer.DECLINED: said.say("Your change is not done"),
        Topic.REMINDER: said.say("A payment is due soon"),
        Topic.RENEWED: said.say("Renewed"),
        Topic.SUSPENDED: said.say("Suspended"),
        Topic.RESUMED: said.say("On again"),
        Topic.REVOKE_WARNING: said.say("Without a payment it ends soon"),
        Topic.REVOKED: said.say("Ended without a payment"),
        Topic.ENDED: said.say("Ended"),
        Topic.CHANGED: said.say("Your new plan is active"),
        Topic.SCHEDULED: said.say("Change scheduled"),
        Topic.TURNED: said.say("Your plan has changed"),
        Topic.TRIAL_ENDING: said.say("Your trial ends soon"),
        Topic.COUPON_STARTED: said.say("Your coupon is at work"),
        Topic.COUPON_ENDED: said.say("Your coupon is over"),
        Topic.RENEWAL_READY: said.say("A renewal to be paid"),
        Topic.TOPUP_APPLIED: said.say("Your top-up is there"),
        Topic.TOPUP_DELAYED: said.say("Your top-up takes longer than usual"),
    }
