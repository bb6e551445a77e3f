<?php
/** What was said to a bridge: written down before it is sent, sent until it is kept. */

namespace WHMCS\Module\Server\Switchhook;

use WHMCS\Database\Capsule;

class Outbox
{
    /** Events that one run of the cron sends at most. */
    const AT_ONCE = 200;
    /** Seconds after which what has ended is forgotten; the counter never is. */
    const REMEMBERED = 90 * 86400;

    /**
     * A module call, and how it ended. A clicked Retry is the same event until WHMCS has
     * heard its end, whoever brought it about: a call has no id of its own there.
     */
    public static function call(Bridge $bridge, string $service, array $told): Answer
    {
        Tables::ready();
        $row = self::unheard($service, self::essence($told));
        self::sendOpen($bridge, ['service' => $service, 'server' => $bridge->server], $row ? $row->id : 0);
        if (!$row) {
            $event = "whmcs-$service-" . self::next($service);
            $row = self::written($bridge->server, $event, $service, $told);
        }
        $answer = self::sent($bridge, $row, Bridge::WAIT);
        if ($answer->state() === Answer::ENDED) {
            Capsule::table(Tables::OUTBOX)->where('id', $row->id)->update(['heard' => 1]);
        }
        return $answer;
    }

    /** What a hook tells: the id says which fact it is, so telling it twice is once. */
    public static function note(int $server, string $event, string $service, array $told): void
    {
        Tables::ready();
        if (!Capsule::table(Tables::OUTBOX)->where('event', $event)->exists()) {
            $row = self::written($server, $event, $service, $told);
            self::sent(Bridge::ofServer($server), $row, 0);
        }
    }

    /** The next number of this service's own events. */
    public static function next(string $service): int
    {
        Tables::ready();
        return Capsule::connection()->transaction(function () use ($service) {
            $counter = Capsule::table(Tables::COUNTER);
            $counter->insertOrIgnore(['service' => $service, 'n' => 0]);
            // The update holds the row until the end: two at once get two numbers.
            Capsule::table(Tables::COUNTER)->where('service', $service)->increment('n');
            return (int) Capsule::table(Tables::COUNTER)->where('service', $service)->value('n');
        });
    }

    /** Whether anything of this service was ever told. */
    public static function knows(string $service): bool
    {
        Tables::ready();
        return Capsule::table(Tables::COUNTER)->where('service', $service)->exists();
    }

    /** All that no bridge has kept yet, the oldest first. */
    public static function drain(): void
    {
        Tables::ready();
        $servers = Capsule::table(Tables::OUTBOX)
            ->where('state', Answer::OPEN)->pluck('server');
        foreach (array_unique(is_array($servers) ? $servers : $servers->all()) as $server) {
            try {
                self::sendOpen(Bridge::ofServer((int) $server), ['server' => $server]);
            } catch (\RuntimeException $error) {
                logActivity('Switchhook: ' . $error->getMessage());
            }
        }
        Capsule::table(Tables::OUTBOX)
            ->where('state', Answer::ENDED)
            ->where('changed', '<', time() - self::REMEMBERED)
            ->delete();
    }

    /** The same words, if nothing was said since: after a terminate, a create is a new one. */
    private static function unheard(string $service, string $essence)
    {
        $last = Capsule::table(Tables::OUTBOX)
            ->where('service', $service)
            ->where('event', 'like', "whmcs-$service-%")
            ->orderBy('id', 'desc')
            ->first();
        return $last && $last->essence === $essence && !$last->heard ? $last : null;
    }

    private static function sendOpen(Bridge $bridge, array $where, int $but = 0): void
    {
        $query = Capsule::table(Tables::OUTBOX)->where('state', Answer::OPEN)->where('id', '!=', $but);
        foreach ($where as $column => $value) {
            $query->where($column, $value);
        }
        foreach ($query->orderBy('id')->limit(self::AT_ONCE)->get() as $row) {
            if (self::sent($bridge, $row, 0)->state() === Answer::OPEN) {
                return;
            }
        }
    }

    private static function written(int $server, string $event, string $service, array $told)
    {
        // The moment it is first said: the same words are sent at every attempt.
        $told += ['occurred_at' => gmdate('Y-m-d\TH:i:s\Z')];
        Capsule::table(Tables::OUTBOX)->insert([
            'server' => $server,
            'event' => $event,
            'service' => $service,
            'essence' => self::essence($told),
            'body' => json_encode(['spec' => '1'] + $told),
            'state' => Answer::OPEN,
            'operation' => '',
            'said' => '',
            'tries' => 0,
            'heard' => 0,
            'changed' => time(),
        ]);
        return Capsule::table(Tables::OUTBOX)->where('event', $event)->first();
    }

    private static function sent(Bridge $bridge, $row, int $wait): Answer
    {
        $answer = $bridge->tell($row->event, $row->body, $wait);
        $state = $answer->state();
        Capsule::table(Tables::OUTBOX)->where('id', $row->id)->update([
            'state' => $state,
            'operation' => $answer->operation(),
            'said' => $answer->said(),
            'tries' => $row->tries + 1,
            'changed' => time(),
        ]);
        Log::call($bridge, $row->event, $row->body, $answer);
        return $answer;
    }

    private static function essence(array $told): string
    {
        unset($told['occurred_at']);
        return hash('sha256', json_encode($told));
    }
}
