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

    /** Why it is off says that it is, too. */
    public static function state(array $has): string
    {
        return (string) ($has['why'] ?? '') ?: ucfirst((string) ($has['status'] ?? ''));
    }

    /** Fields of the admin's product page: label and HTML. */
    public static function fields(array $has): array
    {
        if (empty($has['known'])) {
            return ['Account' => 'The bridge does not know this service yet.'];
        }
        $operation = $has['operation'] ?? [];
        $fields = [
            'State' => self::text(self::state($has)),
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

    public static function text($text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
    }

    public static function next(array $has): string
    {
        $next = $has['next_package'] ?? null;
        return $next ? ", next: {$next['name']} from " . substr((string) $next['at'], 0, 10) : '';
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
