<?php
/** The module calls: each is told to the bridge, and its end is "success" or a reason. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;
use Throwable;

class Calls
{
    const SUCCESS = 'success';

    public static function create(array $params): string
    {
        return self::guarded(function () use ($params) {
            [$bridge, $sold] = [Bridge::of($params), Sold::of($params)];
            $line = Lines::paidFor($sold);
            if ($sold->isTopup()) {
                return self::topup($bridge, $sold, $line);
            }
            $answer = Outbox::call($bridge, $sold->ref, Words::activate($params, $sold, $bridge, $line));
            if ($answer->isDone()) {
                self::named($params, $bridge, $sold);
                return self::SUCCESS;
            }
            // Else WHMCS would show the order as active and mail logins there are not yet.
            return self::mayWait($answer) ? self::SUCCESS : self::told($answer);
        });
    }

    public static function suspend(array $params): string
    {
        return self::level($params, function (Sold $sold) use ($params) {
            return Words::hold('service.suspend', $sold, self::reason($params));
        });
    }

    public static function unsuspend(array $params): string
    {
        return self::level($params, function (Sold $sold) use ($params) {
            return Words::hold('service.resume', $sold, self::reason($params));
        });
    }

    public static function terminate(array $params): string
    {
        return self::level($params, function (Sold $sold) {
            return Words::terminate($sold, 'now');
        });
    }

    public static function change(array $params): string
    {
        return self::level($params, function (Sold $sold) use ($params) {
            return Words::change($params, $sold);
        });
    }

    /** The paid line is the same that InvoicePaid tells: whoever comes first, once. */
    public static function renew(array $params): string
    {
        return self::level($params, function (Sold $sold) {
            $line = Lines::paidFor($sold);
            return $line ? Words::paid($line, $sold) : null;
        });
    }

    public static function password(array $params): string
    {
        return self::guarded(function () use ($params) {
            $answer = self::passwordTold($params, Bridge::of($params), Sold::of($params));
            return $answer->isDone() || $answer->isUnderWay() ? self::SUCCESS : self::told($answer);
        });
    }

    /** What a function of ours throws becomes the text that staff reads. */
    public static function guarded(callable $does): string
    {
        try {
            return $does();
        } catch (RuntimeException $error) {
            return $error->getMessage();
        } catch (Throwable $error) {
            logActivity('Switchhook: ' . $error->getMessage() . " ({$error->getFile()}:{$error->getLine()})");
            return 'Switchhook failed: ' . $error->getMessage();
        }
    }

    /** What the bridge makes sure of by itself, once it has it. */
    private static function level(array $params, callable $words): string
    {
        return self::guarded(function () use ($params, $words) {
            $sold = Sold::of($params);
            // A top-up is bought once: its service has nothing to be off or on.
            $told = $sold->isTopup() ? null : $words($sold);
            if ($told === null) {
                return self::SUCCESS;
            }
            $answer = Outbox::call(Bridge::of($params), $sold->ref, $told);
            return $answer->isDone() || $answer->isUnderWay() ? self::SUCCESS : self::told($answer);
        });
    }

    private static function topup(Bridge $bridge, Sold $sold, $line): string
    {
        if (!$line) {
            return 'Nothing was paid for this top-up yet: its credit comes with the payment.';
        }
        $answer = Outbox::call($bridge, $sold->ref, Words::paid($line, $sold));
        return $answer->isDone() || self::mayWait($answer) ? self::SUCCESS : self::told($answer);
    }

    /** The bridge says so where its source has create = "success". */
    private static function mayWait(Answer $answer): bool
    {
        return $answer->isUnderWay() && ($answer->told['meanwhile'] ?? '') === self::SUCCESS;
    }

    private static function told(Answer $answer): string
    {
        $ends = [
            Answer::OPEN => 'It is kept here and sent again by the cron; nothing needs to be done.',
            Answer::KEPT => 'It will finish by itself; nothing needs to be done.',
            Answer::PARKED => 'It waits for a person, at the bridge.',
            Answer::ENDED => '',
        ];
        $operation = $answer->operation() === '' ? '' : " ({$answer->operation()})";
        return trim("Switchhook$operation: " . rtrim($answer->said(), '.') . '. ' . $ends[$answer->state()]);
    }

    /**
     * The account's name is the bridge's, its password WHMCS's: so its welcome mail is
     * right. Once, when WHMCS hears the name: later the customer's own password counts.
     */
    private static function named(array $params, Bridge $bridge, Sold $sold): void
    {
        try {
            $name = (string) ($bridge->ask('service', ['service' => $sold->ref])['username'] ?? '');
        } catch (RuntimeException $error) {
            logActivity("Switchhook: the user name of service {$sold->ref} is not known: {$error->getMessage()}");
            return;
        }
        if ($name === '' || $name === (string) ($params['username'] ?? '') || !isset($params['model'])) {
            return;
        }
        // https://developers.whmcs.com/provisioning-modules/service-properties/
        $params['model']->serviceProperties->save(['Username' => $name]);
        if ($sold->target === '' && (string) ($params['password'] ?? '') !== '') {
            self::passwordTold($params, $bridge, $sold);
        }
    }

    /** Never written down here: where the bridge does not take it, WHMCS keeps the old one. */
    private static function passwordTold(array $params, Bridge $bridge, Sold $sold): Answer
    {
        $secret = (string) $params['password'];
        $told = ['spec' => '1', 'occurred_at' => gmdate('Y-m-d\TH:i:s\Z')];
        $event = "whmcs-{$sold->ref}-" . Outbox::next($sold->ref);
        $answer = $bridge->tell($event, json_encode($told + Words::password($sold, $secret)), Bridge::WAIT);
        Log::call($bridge, $event, 'credentials.changed', $answer, [$secret]);
        return $answer;
    }

    /** As it is told, or as WHMCS has it: an unsuspend is not told it. */
    private static function reason(array $params): string
    {
        if (isset($params['suspendreason'])) {
            return (string) $params['suspendreason'];
        }
        return (string) \WHMCS\Database\Capsule::table('tblhosting')
            ->where('id', $params['serviceid'])->value('suspendreason');
    }
}
