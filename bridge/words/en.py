"""The rules' sentences in English: what customers are told, and what staff are."""

SENTENCES = {
    # a change that is asked for, and what follows
    "change_ended": '"{has}" is not active, so it does not change; pay its order, or'
    " order what is wanted anew.",
    "change_plan_gone": 'It has "{has}", with {extras}, and not all of that is in the'
    " price list any more; an admin puts it back, or moves the subscription.",
    "change_plan_unknown": 'No plan "{to}" is sold; choose one of: {choices}.',
    "change_another_ladder": '"{to}" is no step up or down from "{has}"; choose one'
    " of: {choices}; or order it as another service.",
    "change_cycle_not_sold": '"{to}" is not sold {cycle}; choose one of: {choices}.',
    "change_extras_unknown": "With it cannot be bought: {extras}. These can:"
    " {choices}.",
    "change_withdrawn": 'It stays "{has}"; what was scheduled is off.',
    "change_too_many": "At most {most} of anything are sold on one subscription, for"
    " less than {largest} in all; {quantity} of the plan are asked for. Ask for less.",
    "change_below_minimum": '"{to}" is sold from {least} accounts on, not for'
    " {quantity}; ask for more.",
    "change_below_use": "{used} accounts are in use, so {quantity} are too few;"
    " deactivate some first, or keep more.",
    "change_nothing": 'It has "{has}" just so already; choose another plan, cycle or'
    " number.",
    "change_paid_until_unknown": 'Until when "{has}" is paid for nobody knows here: no'
    " payment of it named its period. Tell a renewal with its dates, then ask again.",
    "change_main_missing": '"{to}" hangs on a plan of "{family}", and the account has'
    " none; order that first.",
    "change_main_first": '"{to}" cannot be had {cycle}, because "{blocking}", on which'
    ' it hangs, is shorter (or will be). First raise "{blocking}" to {cycle} or longer,'
    ' then "{to}".',
    "change_dependents_first": '"{to}" cannot be had {cycle}, because {blocking},'
    " which hang on it, are longer. First lower {blocking} to {cycle} or shorter by"
    ' {at}, then "{to}".',
    "change_dependent_not_free": '"{to}" costs nothing, and a plan that hangs on'
    " another can only go up to a paid one; choose that, or cancel it.",
    "change_upgrade_not_shorter": "An upgrade cannot be {cycle}: it is {has}, and"
    " never gets shorter by an upgrade. Upgrade it {has}, or ask for {cycle} alone:"
    " that begins with the next period.",
    "change_never_renews": '"{has}" was bought once: no next period begins, with which'
    ' "{to}" could come in its place. Keep it, or order the other one anew.',
    "change_survey_first": 'Before it goes down to "{to}", answer the survey.',
    "change_tick_first": 'Before it goes down to "{to}", look at what changes, and'
    " confirm that the advanced features are lost after the current cycle.",
    "change_in_two_moves": 'Once it is paid: {quantity_now} x "{now}"; from {at}:'
    ' {quantity} x "{to}".',
    "change_goes_free": 'From {at} it is "{to}", which costs nothing.',
    "change_goes_down": 'From {at} it is "{to}"; until then it stays "{has}".',
    "change_fewer_seats": "From {at} it has {quantity} accounts.",
    "change_less_capacity": "From {at} it has this beside the plan: {extras}.",
    "change_shorter_cycle": "From {at} it is {cycle}.",
    "change_goes_up": 'It is "{to}" as soon as it is paid; until then it stays'
    ' "{has}".',
    "change_more_seats": "It has {quantity} accounts as soon as they are paid; until"
    " then {has}.",
    "change_more_capacity": "As soon as it is paid, it has this beside the plan:"
    " {extras}.",
    "change_longer_cycle": "It is {cycle} as soon as it is paid; until then {has}.",
    "change_trial_bought": '"{to}" is bought as soon as it is paid; the trial runs to'
    " its end, and what is paid begins there.",
    "order_addon_alone": '"{to}" is sold beside a plan, and the account has none; order'
    " a plan first.",
    "order_taken": '{quantity} x "{to}" as soon as it is paid.',
    "declined": "{by} declined it: {why}",
    "change_not_foreseen": 'How "{has}" becomes "{to}" no rule says; ask an admin.',
    # a quote that somebody holds in his hands
    "quote_unreadable": "It is no quote, or not all of it; copy it whole, from the"
    " first letter to the last.",
    "quote_of_elsewhere": "Another installation made this quote, or another install"
    " key; ask there, or ask anew.",
    "quote_tampered": "Something in this quote was changed after it was made; ask"
    " anew.",
    "quote_other_version": "Another version of Switchhook wrote this quote; ask anew.",
    "quote_of_another": "It was made for {ref}, and for nothing else; ask anew.",
    "quote_not_yet": "It holds from {at} on.",
    "quote_expired": "It was good until {at}; ask anew.",
    "quote_other_terms": "What is sold has changed since; ask anew.",
    "quote_stale": "{ref} is not any more what it was when this was reckoned; ask"
    " anew.",
    # a trial, a promise, a price beside another
    "trial_none": '"{family}" is not tried for nothing; order a plan of it.',
    "trial_had": '"{family}" was tried already, until {ends}, and is tried once; order'
    " a plan of it.",
    "promise_not_taken": "No promise to pay is taken here; pay the invoice.",
    "promise_no_debt": "Nothing is owed, so nothing need be promised.",
    "promise_open": "A promise of payment, until {until}, is not kept yet; the next"
    " one is taken once that is paid.",
    "promise_currency": "{debt} are owed, and a promise is taken of up to {most}, in"
    " no other currency; pay the invoice.",
    "promise_too_much": "{debt} are owed, and a promise is taken of up to {most}; pay"
    " some of it first.",
    "promise_too_long": "A promise is taken for some time up to {most} days; promise"
    " an earlier payment.",
    "promise_ended": "Service {service} has ended; nothing keeps it on. Order it anew.",
    "promise_unpriced": 'What "{package}" costs nobody here knows: it is not in the'
    " configuration any more; put it back, or have the invoice paid.",
    "promised_until": "Payment of {debt} is promised until {until}, by {by}; so long it"
    " is not switched off for that.",
    # how a service is
    "status_active": "Active",
    "status_trial": "Trial",
    "status_cancelled": "Inactive: cancelled, or ended with what was paid for",
    "status_revoked": "Inactive: revoked, it was not paid for",
    "status_abuse": "Inactive: suspended for abuse",
    "status_unpaid": "Inactive: not paid",
    "status_stopped": "Inactive: stopped by an admin",
    "status_not_ordered": "Inactive: its platform has not said yet that it is active",
    "status_being_set_up": "Inactive: being set up",
    "parity_days": "It costs {ours} by our count of {our_days} days, and {theirs} at"
    " the billing platform by {their_days}. Until both count alike it is not sold:"
    " look at the period's dates on both sides.",
    "parity_price": "It costs {ours} here and {theirs} at the billing platform, both"
    " for {days} days. Until both are the same it is not sold: compare the prices.",
    "parity_new_period": "It costs {ours} here, for a new period, and {theirs} at the"
    " billing platform, for {days} days of the old one. Until both are the same it is"
    " not sold: order the longer cycle there anew.",
    # it is planned
    "held_no_service": "The money is held: no service on this account is active.",
    "purged": "Its account was purged on {at}, with all it held; order anew, as another"
    " service.",
    # a coupon
    "coupon_of_another": "Coupon {coupon} is another account's.",
    "coupon_to_oneself": "It is this account's already; say whose it is to be.",
    "coupon_used": "Coupon {coupon} was used, on {service} at {at}; it is spent.",
    "coupon_revoked": "Coupon {coupon} was taken back at {at}: {why}",
    "coupon_refunded": "Coupon {coupon} was paid back at {at}.",
    "coupon_spoiled": "Coupon {coupon} had to be activated before {at}.",
    "coupon_ended": "Service {service} has ended; activate it on one that runs.",
    "coupon_suspended": "Service {service} is suspended ({holds}); nothing is spent.",
    "coupon_other_type": 'It is for {families}; "{package}" is none of that.',
    "coupon_runs": "Coupon {coupon} runs there until {until}; activate this one after"
    " it.",
    "coupon_way": "as {package} for {time}",
    "coupon_choose": 'Coupon "{kind}" can be used in {most} ways; choose one, 1 to'
    " {most}.",
    "coupon_above_best": "It would be rank {rank}, and the best of {family} is {best};"
    " nothing is spent.",
    "coupon_no_rank": "{family} has no plan of rank {rank}; nothing is spent.",
    "coupon_not_better": "It would be rank {rank}, and it has rank {has} already;"
    " nothing is spent.",
    "coupon_elsewhere": 'It would be package "{package}", which there is not where this'
    " account is; nothing is spent.",
    "coupon_moves_invoice": "There is an unpaid invoice for the next period; it falls"
    " due later by as many days.",
    "coupon_beside_invoice": "There is an unpaid invoice for the next period, and its"
    " due date cannot be moved: the coupon raises the limits, the term stays.",
    "coupon_beside_gateway": "{gateway} charges by its own calendar: the coupon raises"
    " the limits, the term stays.",
    "coupon_beside_unpaid": "Nobody said that it is paid for at the moment, so there is"
    " no time to push aside: the coupon raises the limits, the term stays.",
    # what a plan that allows less takes away
    "data_locked": "{name} is not in the plan any more; the data kept by it is deleted"
    " on {at}, unless a change brings it back before.",
    "data_rests": "{name} is not in the plan any more, and is given for now all the"
    " same; when that ends, the data kept by it has 90 days.",
    "data_gone": "{name} is not in the plan any more; the data kept by it was deleted"
    " by {at}.",
    "capacity_over": "{units} of {capacity} are bought above what the plan allows; they"
    " are taken away on {at}, the oldest purchase first, unless some are ended or the"
    " plan allows them by then.",
    "capacity_trimmed": "{units} of {capacity}, of {addon} bought on {bought}, were"
    " taken away on {at}: they were above what the plan allows.",
    "change_beyond_capacity": "{extras} are more extra {capacity} than {to} allows:"
    " {most}. Take fewer, or a plan that allows more.",
    # what a subscriber asked to be told
    "balance_below": "Your balance is {value}: below the {level} at which you wanted to"
    " be told.",
    "calls_above": "You made {value} calls this {per}: more than the {level} at which"
    " you wanted to be told.",
    "minutes_above": "You called for {value} minutes this {per}: more than the {level}"
    " at which you wanted to be told.",
    "messages_above": "You sent {value} messages this {per}: more than the {level} at"
    " which you wanted to be told.",
    "spent_above": "You used {value} this {per}: more than the {level} at which you"
    " wanted to be told.",
}
"""What customers may read: every language has them."""

WORDS = (
    "monthly", "quarterly", "semiannually", "annually", "biennially", "triennially",
    "once", "billing", "abuse", "manual", "day", "month", "none",
)  # fmt: skip
"""What the rules put into a sentence that is a word itself: cycles, holds, spans."""

STAFF = {
    # an event waits, or cannot be planned as it is
    "poison": "It cannot be taken in ({kind}); the log says more. It does not hold up"
    " the others.",
    "type_unknown": 'There is no event type "{type}" here; it is kept, and waits for a'
    " version that knows it.",
    "from_the_future": "It says it happened at {moment}, which is still to come; set"
    " the platform's clock, then retry.",
    "cannot_deliver": "It sells {what} along, and nothing says what that is here; it"
    " waits rather than being half done. Name it in the source's options, as the module"
    " of its platform does, or have the platform tell it (in WHMCS: press Create).",
    "service_unknown": "No service.activate was heard for this service yet; it waits.",
    "package_unknown": 'There is no package "{product}"; add it to the configuration'
    " and `switchhook catalog apply` it, or map it in the source's products, then"
    " retry.",
    "topup_unknown": 'There is no top-up "{product}"; add it to the configuration and'
    " `switchhook catalog apply` it, or map it in the source's products, then retry.",
    "other_backend": 'Package "{product}" is on backend "{backend}", this account is'
    " on another; a person must move it.",
    "server_unknown": 'Package "{product}" is not sold on "{server}"; send the order'
    " with data.server as one of: {choices}; or leave it out.",
    "no_room": "No account is opened: {backends} hold as many accounts as they may."
    " Raise `accounts` of one, or give the group another backend; it is tried again"
    " every few minutes, and money for it is held.",
    "currency_differs": "It was paid in {told}, and {ours} was expected; check the"
    " product and the configuration, then retry.",
    "line_missing": "What is bought needs its paid line (billing.line_ref): without"
    " it nobody can tell it from another.",
    "line_told_apart": "Its paid line was told apart from it, and brings what was"
    " bought.",
    "too_much": "{quantity} of {product} is more than can be counted; a person must"
    " say what this is.",
    "payment_unnamed": "A renewal names its paid line (billing.line_ref) or its period"
    " (service.period_start); this one names neither.",
    "line_differs": "Line {line} was booked before with other amounts; the first"
    " booking stands, and a person must say what this one is.",
    "line_of_another": "Line {line} already paid for another service.",
    "reversal_unknown": "Line {line} is paid back, and nobody here heard that it was"
    " paid; if its payment is still to come, retry this after it.",
    "already_back": "Line {line} was taken back before; it goes back once.",
    "refunded": "It was paid back by a person's word: {why}",
    "addon_unknown": 'There is no add-on "{name}"; add a package with addon = true to'
    " the configuration and `switchhook catalog apply` it, or map it in the source's"
    " products, then retry.",
    "topup_has_no_life": "A top-up is credited when it is paid; nothing else that is"
    " said of it touches the account.",
    "group_unknown": 'There is no customer group "{group}"; there is: {known}. Make an'
    " offer for it, `switchhook catalog apply`, then retry.",
    "customer_unclear": "This customer has no account here yet, or several; say which"
    " in data.target.",
    "no_account_yet": "The money is held: this client has no account yet.",
    "target_unknown": "The money is held: {target} is not known here yet.",
    "target_missing": "The money is held: this client has several accounts; say which"
    " in data.target: {choices}.",
    # what staff of a platform asked for from its pages
    "asked_in_line": "Nothing is to be done: all is as it should be.",
    "asked_changed": "It changed since it was looked at; nothing was sent. Ask again.",
    "asked_reprovision": "{count} steps are being done.",
    "asked_sync": "It is looked at now, and brought in line.",
    "asked_login": "The login is on its way to the customer; older links are void.",
    "asked_topup": "{sum} are given, and on their way.",
    "asked_coupon": "It is as {package} until {until}.",
    # a change that is asked for, and what follows
    "approval_first": 'An admin has to agree before "{has}" becomes "{to}": `switchhook'
    " approve --list` shows it, `switchhook approve EVENT` what it would do, and"
    " `switchhook decline EVENT --because …` ends it. Nothing changes before.",
    # a trial, a promise, a price beside another
    "trial_no_family": 'Package "{package}" is of no family, and only those are tried;'
    " give it one with a trial, or tell the order without service.trial.",
    # a payment and its period
    "period_unknown": "Line {line} names no period, and there are others it could be"
    " for; say service.period_start.",
    "bought_once": "Line {line} pays again for what was bought once; a person must say"
    " what it is.",
    "period_overlaps": "A period from {starts} would cut into paid period {no}.",
    "period_paid_twice": "Period {no} was paid by line {had}, and now by line {got};"
    " a person must say which is right.",
    "period_contradicts": "Line {line} paid for period {no}, and the start told here"
    " is another period's.",
    "package_unclear": 'It renews what was sold before package "{has}", and does not'
    " say what that was; say service.plan_ref.",
    "quantity_unclear": "It is from before it became {has} of its package, and does not"
    " say how many it was; say service.quantity.",
    "package_differs": 'The renewal says package "{told}", this service has "{has}";'
    " a change of package is not told by a renewal.",
    "change_end_unknown": "Nobody knows when its paid time ends: its payments named no"
    " period, or it was bought once; tell service.change when it is to change.",
    "period_end_unknown": "Nobody knows when its paid time ends: its payments named no"
    " period, or it was bought once; tell service.terminate when it is to end.",
    # it is planned
    "newer_word": "Something newer was heard on this before; it changes nothing.",
    "baseline": "It was paid before {since}, from when on this source is ours"
    " (live_from): whoever had it then has credited it, and here it never is.",
    "before_live": "It was sold before {since}, from when on this source is ours"
    " (live_from): its account is there already. Bind it with `switchhook adopt`.",
    "held_observed": "Account {account} was adopted and is only looked at: nothing is"
    " written and no money is sent there until `switchhook adopt release {account}"
    " --because …`.",
    "adoption_undone": "Its account's adoption was undone; it waits until the service"
    " is bound again with `switchhook adopt`.",
    "already_booked": "Line {line} is booked already; it counts once.",
    "held_money_stopped": "The money is held: {why}. A person must look.",
    "held_currency": "The money is held: it is not in {ours}, the currency of the"
    " account it is for.",
    "held_unsure": "The money is held until it is clear whether the one before it"
    " arrived.",
    "held_restored": "The money is held: the database was restored from a backup of"
    " {backup}, and what was sent after that nobody here knows. Look at the account,"
    " then `switchhook unsure release {account} --because …`, with `--arrived KEY` for"
    " each sum that is there already (`switchhook unsure list` shows the keys).",
    "held_opening": "It is not opened: the database was restored from a backup of"
    " {backup}, and an account for it may exist at the backend already. Look, and close"
    " or rename that one; then `switchhook unsure release {account} --because …`.",
    "held_purged": "The money is held: its account was purged at the backend on {at};"
    " move it to another, or pay it back.",
    # a coupon
    "coupon_kind_unknown": 'There is no coupon kind "{kind}"; there is: {known}. A'
    " new one of the configuration counts once `switchhook catalog apply` was said.",
    "coupon_no_reason": "Say what for: the customer and the journal will read it.",
    "coupon_too_many": "It would be given to {count}, and at most {limit} were meant;"
    " nobody got one. Narrow it down, or raise the limit.",
    "coupon_not_sold": 'Coupons of kind "{kind}" are only given; give it a price, or'
    " sell another kind.",
    "coupon_spent": "Line {line} is paid back, and of its coupons these were used"
    " before: {coupons}. What is used is spent; settle it with the customer. What was"
    " unused is taken back.",
    "coupon_was_bought": "Coupon {coupon} was bought by line {line}; refund that at its"
    " platform while the coupon is unused.",
    "coupon_was_given": "Coupon {coupon} was given, not bought; there is nothing to pay"
    " back. While it is unused it can be revoked.",
    # it is being done
    "later": "It did not work yet: {reason} It is tried again at {next}.",
    "closed": "{reason} It goes on by itself when the backend answers again.",
    "unsure": "The backend gave no clear answer to {verb}; it is looked for, and"
    " certain by {until}.",
    "sum_refused": "The backend refuses this sum: {reason}",
    "refused": "The backend refuses: {reason}",
    "email_beside": "Another account of this customer has that address at the backend,"
    " which takes it once; mails go there all the same.",
    "switch_off_guard": 'It is not switched off: of backend "{backend}" {most} accounts'
    " may go off within 24 hours, and they did. If more are meant to,"
    " `switchhook backend allow-off {backend} --count N --because …`; it then goes on"
    " by itself.",
    "plan_changed": "Something else would be done by now than what was shown; no"
    " more of it is sent.",
    "other_terms": "What was shown was planned by other terms than those that are"
    " current now; look again.",
    "plan_sum_refused": "The backend refuses a sum of it; see `switchhook event list"
    " --fate refused`.",
    "broken": "A person must look: {reason}",
    "gave_up": "Tried since {since} without success; the last reason: {reason}",
    "still_dials": "It is off; when that was done, campaigns still ran there ({which})."
    " They are stopped again from {next} on, and an alert lasts as long as they run.",
    # what differs, found by a reconciliation
    "drift_wakes": "Its lane is woken; whoever takes it looks again and corrects it.",
    "drift_reported": 'Levels of backend "{backend}" are only reported (repair ='
    ' "report"); `switchhook reprovision {account}` shows and repairs it by hand.',
    "drift_observed": "It was adopted and is only looked at until `switchhook adopt"
    " release {account} --because …`.",
    "drift_unopened": "It was never opened, and nothing holds it up: its lane is"
    " woken.",
    "drift_gone": "User {remote} of backend {backend} was opened and is not there any"
    " more; it is not made anew, what it held is gone with it. Find out who removed"
    " it, and put it back there.",
    "drift_taken": "User {remote} of backend {backend} is somebody else by now; it is"
    " never touched. Find out who renamed it.",
    "drift_foreign": "Nobody here opened or adopted it; it is never touched. A"
    " customer's is taken over with `switchhook adopt`.",
    "drift_still_there": "It was purged on {at} and is listed all the same. Remove it"
    " in the backend's panel, if nobody needs what it holds.",
    "drift_due": "It is due by the books and nothing holds it: its lane is woken, and"
    " it is sent once, by its key.",
    "drift_maybe_there": "More is there than should be, and a sum is due: it may have"
    " been entered there by hand. Nothing is sent before you have looked: `switchhook"
    " unsure release {account} --because …`, with `--arrived KEY` for a sum that is"
    " there.",
    "drift_not_alone": "Sent now, its levels would be set too, and those are only"
    ' reported (repair = "report"); `switchhook reprovision {account}` does both.',
    "drift_guarded": "It is left on, because many were switched off within 24 hours. Is"
    " that meant? Then `switchhook backend allow-off {backend} --because …`.",
    "drift_extra": "The balance was {last} on {since}, and rose by {sum} that stand in"
    " no book. Nothing is taken away by itself: look at the backend's payments, then"
    " `switchhook unsure release {account} --because …`.",
    "drift_fell": "The balance was {last} on {since}, and fell by {sum}; calls can"
    " have used {most} at the most. Nothing is given back by itself: find out what"
    " took it, then `switchhook unsure release {account} --because …`, and"
    " `switchhook topup` for what is to be made good.",
    "drift_unlisted": "{sum} had arrived, and the backend does not list it any more;"
    " how much calls can have used is not known, so the balance alone proves nothing."
    " Look at its payments, then `switchhook unsure release {account} --because …`, and"
    " `switchhook topup` for what is to be made good.",
    "drift_stays": "Found before, and nobody has said yet what it was; a write of ours"
    " has since gone on from the balance as it was. Look, then `switchhook unsure"
    " release {account} --because …`.",
    "drift_stopped": "No more money is sent there: {why}. Find out why, then"
    " `switchhook unsure release {account} --because …`.",
    "drift_in_flight": "In flight: something is under way on this account, so this may"
    " be over by now. The next reconciliation looks again.",
    "drift_line": "The platform has it as paid, and never told: it is asked again, and"
    " the line comes in by the door all events use, under its own key, once.",
    "drift_word": "The platform has it so, and never told: it is asked again, and the"
    " word comes in by the door all events use.",
    "drift_service": "Service {service} lives here, and its platform does not know it."
    " Nothing is ended by itself: look there, then have it told, as by `switchhook"
    " trigger service.terminate`.",
    # somebody should look
    "alert_parked": "Lane {lane}: {count} waiting for a person since {since}, parked or"
    " refused; `switchhook event list --fate parked` (or refused) says why. Mend the"
    " cause, then `switchhook event retry OPERATION`.",
    "alert_asking": "Account {account}: {count} asked for since {since}, and nobody has"
    " agreed or declined yet. `switchhook approve --list` shows what waits.",
    "alert_unsure_late": "Attempt {attempt} ({verb}) on {account} should have been"
    " certain by {since} and is still open. Is the backend reachable, are the workers"
    " running? See `switchhook unsure list`.",
    "alert_person": "Attempt {attempt} ({verb}) on {account}: since {since} only a"
    " person can say whether it arrived. Look at the backend, then `switchhook unsure"
    " resolve {attempt} --arrived` or `--absent`, with `--because`.",
    "alert_stopped": "No more money is sent to {account}: {why}. Find out why, then"
    " `switchhook unsure release {account} --because …`.",
    "alert_backlog": "Accounts wait for a worker, the longest since {since}. Is"
    " `switchhook serve` running, is the backend slow? See `switchhook tick list`.",
    "alert_tick_missing": 'Tick "{tick}" has not ended well since {since} ({said}).'
    " See `switchhook tick list` and the log.",
    "alert_sum_refused": "{count} of {owner} refused by the backend, {first} first, due"
    " since {since}. Mend the cause, then `switchhook held retry {first}`.",
    "alert_held": "{sums} of {owner} paid and not applied since {since}."
    " `switchhook event list` says what it waits for.",
    "alert_delivery_failed": "{count} could not be delivered by {channel} since"
    " {since}, delivery {first} first. See `switchhook delivery list`; mend the cause,"
    " then `switchhook delivery retry {first}`.",
    "alert_still_dialling": "Account {account} (user {remote} of backend {backend}) is"
    " switched off, and its campaigns {campaigns} run all the same since {since}: calls"
    " cost money. Stop them in the backend's panel; it is looked at again and again,"
    " and this ends by itself when none runs.",
    "alert_dialling_unseen": "Account {account} (user {remote} of backend {backend}) is"
    " switched off; whether campaigns still run nobody could see since {since}: {said}."
    " Look in the backend's panel, and mend the cause or leave `campaigns` out.",
    "alert_purge_waits": "Account {account}, ended on {ended}, is due to be purged and"
    " is kept: {why}. Settle it with the customer, or mend the cause, then `switchhook"
    " purge {account} --because …`.",
    "asked_of_ended": "{service} ended before anybody agreed to it.",
    "alert_data_waits": "Account {account} has lost {what}: the data kept by it is to"
    ' be deleted on that day, and backend "{backend}" is not told to. Delete it there,'
    " unless the customer has it again by then, and say so: `switchhook data deleted"
    " SERVICE NAME --because …`.",
    "alert_observed": "{events} events wait since {since} on {accounts} accounts that"
    " were adopted and are only looked at; `switchhook adopt list` shows them, and"
    " `switchhook adopt release` lets them go.",
    "alert_backend_paused": 'Backend "{backend}" is paused: {why}. It is asked now and'
    " then, and goes on by itself when it answers; see `switchhook backend list`.",
    "alert_switch_off_guard": 'Backend "{backend}": {count} accounts that should be'
    " switched off are left on since {since}, because many were within 24 hours. Is"
    " that meant? Then `switchhook backend allow-off {backend} --count {count}"
    " --because …`; else mend what was said of them at the platform.",
    "alert_key_expiring": 'The API key of backend "{backend}" is good until {end}.'
    " Make a new one in its panel (My Account, API Key), put it where `api_key` points"
    " and restart; after that moment nothing is done there.",
    "alert_unverified": 'Backend "{backend}": what is sold there stands on {what}, and'
    " nobody verified that there. Run `switchhook doctor --probe {backend}` and mend"
    ' what it refutes, or set unverified = "accept" in its table.',
    "alert_reconcile_late": "Not everything was compared since {since} ({why}): what"
    " differs at backends and platforms nobody knows. `switchhook reconcile` compares"
    " now; see `switchhook tick list` and the log for why it did not by itself.",
    "alert_reconcile_differs": "Reconciliation {run} found what only a person can end,"
    " the longest since {since}: {kinds}. `switchhook reconcile show {run}` lists each"
    " with its evidence and the way out.",
    "alert_backend_paused_by_hand": 'Backend "{backend}" was paused by hand until'
    " {until}: {why}. `switchhook backend resume {backend}` ends it.",
}
"""What only those read who run it."""
