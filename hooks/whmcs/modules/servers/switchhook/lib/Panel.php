<?php
/** A service as the template of the client area is given it; that escapes every value. */

namespace WHMCS\Module\Server\Switchhook;

class Panel
{
    /** Colours of a state: those every theme has. */
    const COLOURS = ['active' => 'success', 'trial' => 'info', 'inactive' => 'warning'];

    /** What arrived, by the book it is in then; what only waits is staff's matter. */
    const ARRIVED = [
        'applied' => 'Credit bought',
        'granted' => 'Credit given',
        'reversed' => 'Paid back',
        'revoked' => 'Taken back',
        'repaid' => 'Debt repaid',
    ];

    public static function of(array $has): array
    {
        if (empty($has['known']) || empty($has['username'])) {
            return ['known' => false];
        }
        $plan = $has['panel'] ?? [];
        $actions = $plan['actions'] ?? [];
        return [
            'known' => true,
            'state' => Show::state($has),
            'colour' => self::COLOURS[$has['status'] ?? ''] ?? 'default',
            'rows' => array_filter([
                'Package' => self::package($has, $plan),
                'Price' => Show::money($plan['price'] ?? ''),
                'Billing cycle' => ucfirst((string) ($plan['cycle'] ?? '')),
                'Next payment' => self::day($plan['next_payment'] ?? ''),
                'Registered from' => self::day($plan['registered'] ?? ''),
                'User name' => (string) $has['username'],
                'Balance' => Show::money($has['balance'] ?? ''),
                'Used' => Show::money($has['used'] ?? ''),
            ], 'strlen') + array_map([Show::class, 'money'], self::named($has['limits'] ?? [])),
            'upgrade' => in_array('upgrade', $actions, true),
            'unsubscribe' => in_array('unsubscribe', $actions, true),
            'coupons' => array_map([self::class, 'coupon'], $has['coupons'] ?? []),
            'ledger' => array_values(array_filter(
                array_map([self::class, 'entry'], array_reverse($has['ledger'] ?? []))
            )),
            'timeline' => array_map([self::class, 'part'], $has['timeline'] ?? []),
        ];
    }

    private static function package(array $has, array $plan): string
    {
        $many = (int) ($plan['quantity'] ?? 1);
        return ($many > 1 ? "$many × " : '') . ($has['package'] ?? '') . Show::next($has);
    }

    /** "free_credit" is for machines. */
    private static function named(array $limits): array
    {
        $found = [];
        foreach ($limits as $name => $value) {
            $found[ucfirst(str_replace('_', ' ', $name))] = $value;
        }
        return $found;
    }

    private static function coupon(array $has): array
    {
        return [
            'id' => (string) $has['id'],
            'kind' => (string) $has['kind'],
            'variants' => array_map(function ($way) {
                return ['variant' => (string) $way['variant'], 'text' => (string) $way['text']];
            }, $has['variants'] ?? []),
        ];
    }

    /** Why is for staff: they write it for each other. */
    private static function entry(array $has): ?array
    {
        $book = preg_replace('/^.* to /', '', (string) ($has['what'] ?? ''));
        return isset(self::ARRIVED[$book]) ? [
            'at' => self::day($has['at'] ?? ''),
            'what' => self::ARRIVED[$book],
            'amount' => Show::money($has['amount'] ?? ''),
        ] : null;
    }

    private static function part(array $has): array
    {
        return [
            'from' => self::day($has['from'] ?? ''),
            'to' => self::day($has['to'] ?? ''),
            'package' => (string) ($has['package'] ?? ''),
        ];
    }

    /** Of a moment; its hour is nobody's matter there. */
    private static function day($moment): string
    {
        return substr((string) $moment, 0, 10);
    }
}
