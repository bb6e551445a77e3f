<?php
/** What happened here, in the words of the bridge: hooks/signed/README.md lists them. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Words
{
    /** What WHMCS writes as the reason where it suspended by itself. */
    const OVERDUE = '/^\s*(overdue on payment)?\s*$/i';

    /** A new account, or an add-on on top of one; its line where it is paid already. */
    public static function activate(array $params, Sold $sold, Bridge $bridge, $line): array
    {
        $data = array_filter(['server' => $bridge->backend, 'target' => $sold->target], 'strlen');
        return self::event('service.activate', [
            'account' => self::client($params, $sold),
            'service' => self::service($params, $sold),
            'billing' => $line ? self::line($line) : [],
            'data' => $data,
        ]);
    }

    public static function change(array $params, Sold $sold): array
    {
        return self::event('service.change', ['service' => self::service($params, $sold)]);
    }

    /** Suspend or resume: of whose suspension it is. */
    public static function hold(string $type, Sold $sold, string $reason): array
    {
        return self::event($type, [
            'service' => ['ref' => $sold->ref],
            'billing' => array_filter(['hold' => self::whose($reason), 'reason' => $reason], 'strlen'),
        ]);
    }

    public static function terminate(Sold $sold, string $at, string $reason = ''): array
    {
        return self::event('service.terminate', [
            'service' => ['ref' => $sold->ref],
            'billing' => array_filter(['reason' => $reason], 'strlen'),
            'data' => ['at' => $at],
        ]);
    }

    public static function sync(Sold $sold): array
    {
        return self::event('service.sync', ['service' => ['ref' => $sold->ref]]);
    }

    /** What a paid line brings: a period, or credit. */
    public static function paid($line, Sold $sold, string $when = ''): array
    {
        $told = $sold->isTopup() ? self::topup($line, $sold) : self::event('service.renewed', [
            'service' => array_filter(['ref' => $sold->ref, 'period_start' => self::day($line->duedate)], 'strlen'),
            'billing' => self::line($line),
        ]);
        return $told + array_filter(['occurred_at' => $when], 'strlen');
    }

    public static function paidBack($line, Sold $sold): array
    {
        return self::event('topup.reversed', [
            'account' => ['ref' => (string) $sold->client],
            'billing' => self::line($line),
        ]);
    }

    /** $news: what is new of the client, by its name in an envelope. */
    public static function details(Sold $sold, array $news): array
    {
        return self::event('account.updated', [
            'account' => ['ref' => (string) $sold->client] + $news,
            'data' => ['target' => $sold->ref],
        ]);
    }

    public static function password(Sold $sold, string $password): array
    {
        return self::event('credentials.changed', [
            'service' => ['ref' => $sold->ref],
            'data' => ['new_password' => $password],
        ]);
    }

    private static function topup($line, Sold $sold): array
    {
        return self::event('topup.paid', [
            'account' => ['ref' => (string) $sold->client],
            'service' => ['ref' => $sold->ref, 'product_ref' => $sold->name()],
            'billing' => self::line($line),
            'data' => array_filter(['target' => $sold->target], 'strlen'),
        ]);
    }

    /** https://developers.whmcs.com/provisioning-modules/module-parameters/ clientsdetails */
    private static function client(array $params, Sold $sold): array
    {
        $has = $params['clientsdetails'] ?? [];
        $told = array_filter([
            'ref' => (string) $sold->client,
            'email' => (string) ($has['email'] ?? ''),
            'phone' => self::phone((string) ($has['phonenumber'] ?? '')),
            'name' => trim(($has['firstname'] ?? '') . ' ' . ($has['lastname'] ?? '')),
            'company' => (string) ($has['companyname'] ?? ''),
            'country' => (string) ($has['country'] ?? ''),
            'locale' => self::locale((string) ($has['language'] ?? '')),
        ], 'strlen');
        $groups = ($params['configoption4'] ?? '') === 'on';
        return $groups ? $told + ['group' => Shop::group((int) ($has['groupid'] ?? 0))] : $told;
    }

    /** WHMCS calls a language as its file in lang/; '' where the bridge writes in none such. */
    public static function locale(string $named): string
    {
        $known = ['english' => 'en', 'german' => 'de', 'russian' => 'ru', 'vietnamese' => 'vi'];
        return $known[strtolower($named)] ?? '';
    }

    /** As the bridge takes one; '' where a client wrote something else there. */
    public static function phone(string $written): string
    {
        $written = trim($written);
        $digits = preg_replace('/\D/', '', $written);
        $is = preg_match('#^\+?[0-9 ().\-/]{1,39}$#', $written) && strlen($digits) >= 6 && strlen($digits) <= 17;
        return $is ? $written : '';
    }

    private static function service(array $params, Sold $sold): array
    {
        if ($sold->name() === '') {
            throw new RuntimeException('The product names no package; choose one in its Module Settings.');
        }
        $options = Options::of($params);
        $count = Options::quantity($params);
        return ['ref' => $sold->ref, 'plan_ref' => $sold->name()]
            + ($count ? ['quantity' => $count] : [])
            + ($options === null ? [] : ['options' => (object) $options]);
    }

    private static function line($line): array
    {
        return ['line_ref' => (string) $line->id, 'invoice_ref' => (string) $line->invoiceid];
    }

    private static function whose(string $reason): string
    {
        if (preg_match(self::OVERDUE, $reason)) {
            return 'billing';
        }
        return stripos($reason, 'abuse') === false ? 'manual' : 'abuse';
    }

    /** A date of WHMCS, which has no zone; '' where it has none. */
    private static function day(?string $date): string
    {
        $day = substr((string) $date, 0, 10);
        return preg_match('/^[1-9]\d{3}-\d\d-\d\d$/', $day) ? "{$day}T00:00:00Z" : '';
    }

    private static function event(string $type, array $parts): array
    {
        return ['type' => $type] + array_filter($parts);
    }
}
