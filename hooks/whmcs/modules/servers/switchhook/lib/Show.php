<?php
/** What the bridge knows of a service, as text and as HTML that is safe to show. */

namespace WHMCS\Module\Server\Switchhook;

class Show
{
    /** Money is an object with amount and currency, or text already. */
    public static function money($money): string
    {
        return is_array($money) ? trim(($money['amount'] ?? '') . ' ' . ($money['currency'] ?? '')) : (string) $money;
    }

    public static function limits(array $limits): string
    {
        $shown = [];
        foreach ($limits as $name => $value) {
            $shown[] = "$name: " . self::money($value);
        }
        return implode(', ', $shown);
    }

    /** Fields of the admin's product page: label and HTML. */
    public static function fields(array $has): array
    {
        if (empty($has['known'])) {
            return ['Account' => 'The bridge does not know this service yet.'];
        }
        $operation = $has['operation'] ?? [];
        $fields = [
            'State' => self::text($has['status'] . (($has['why'] ?? '') ? ": {$has['why']}" : '')),
            'User name' => self::text($has['username'] ?? ''),
            'Package' => self::text(($has['package'] ?? '') . self::next($has)),
            'Limits' => self::text(self::limits($has['limits'] ?? [])),
            'Seen there' => self::text(self::limits($has['observed'] ?? [])),
            'Balance' => self::text(self::money($has['balance'] ?? '')),
            'Paid until' => self::text($has['paid_until'] ?? ''),
            'Last operation' => self::text($operation ? trim(sprintf(
                '%s %s, %s, %s. %s',
                $operation['id'],
                $operation['type'],
                $operation['fate'],
                $operation['at'],
                $operation['why'] ?? ''
            )) : ''),
            'Ledger' => self::table($has['ledger'] ?? [], ['at', 'what', 'amount', 'because']),
            'Timeline' => self::table($has['timeline'] ?? [], ['from', 'to', 'package', 'why']),
        ];
        return array_filter($fields, 'strlen');
    }

    /** What the template of the client area is given; it escapes every value itself. */
    public static function panel(array $has): array
    {
        return [
            'known' => !empty($has['known']),
            'status' => (string) ($has['status'] ?? ''),
            'why' => (string) ($has['why'] ?? ''),
            'username' => (string) ($has['username'] ?? ''),
            'package' => (string) ($has['package'] ?? ''),
            'next' => trim(self::next($has), ', '),
            'limits' => self::limits($has['limits'] ?? []),
            'observed' => self::limits($has['observed'] ?? []),
            'balance' => self::money($has['balance'] ?? ''),
            'paid_until' => (string) ($has['paid_until'] ?? ''),
            'coupons' => array_map(function ($coupon) {
                return ['kind' => (string) $coupon['kind'], 'variants' => implode(', ', $coupon['variants'] ?? [])];
            }, $has['coupons'] ?? []),
            'ledger' => array_map(function ($entry) {
                return ['amount' => self::money($entry['amount'] ?? '')] + array_map('strval', array_filter(
                    $entry,
                    'is_scalar'
                ));
            }, $has['ledger'] ?? []),
        ];
    }

    public static function text($text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    private static function next(array $has): string
    {
        $next = $has['next_package'] ?? null;
        return $next ? ", next: {$next['name']} from {$next['at']}" : '';
    }

    private static function table(array $rows, array $columns): string
    {
        $lines = '';
        foreach ($rows as $row) {
            $cells = '';
            foreach ($columns as $column) {
                $cells .= '<td>' . self::text(self::money($row[$column] ?? '')) . '</td>';
            }
            $lines .= "<tr>$cells</tr>";
        }
        return $lines === '' ? '' : "<table class=\"table table-condensed\">$lines</table>";
    }
}
