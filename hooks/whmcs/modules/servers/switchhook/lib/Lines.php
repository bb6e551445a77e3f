<?php
/** Paid invoice lines of what we sell: the line is what money is keyed by. */

namespace WHMCS\Module\Server\Switchhook;

use WHMCS\Database\Capsule;

class Lines
{
    /**
     * Whose line it is, by its type. Everything else (AddFunds, Invoice of a mass
     * payment, Upgrade, Domain, late fees) is no payment for a period or a top-up.
     */
    const KINDS = ['Hosting' => 'service', 'Addon' => 'addon'];

    /** The line that paid for this last, or null where nothing is paid. */
    public static function paidFor(Sold $sold)
    {
        $addon = strpos($sold->ref, 'a') === 0;
        $found = null;
        $lines = Capsule::table('tblinvoiceitems')
            ->where('type', $addon ? 'Addon' : 'Hosting')
            ->where('relid', (int) ltrim($sold->ref, 'a'))
            ->orderBy('id', 'desc')->get();
        foreach ($lines as $line) {
            $invoice = self::invoice((int) $line->invoiceid);
            if ($invoice && $invoice->status === 'Paid' && (!$found || $line->duedate > $found->duedate)) {
                $found = $line;
            }
        }
        return $found;
    }

    /** Each line of ours on an invoice, with what it paid for. @return array[] */
    public static function of(int $invoice): array
    {
        $found = [];
        foreach (Capsule::table('tblinvoiceitems')->where('invoiceid', $invoice)->orderBy('id')->get() as $line) {
            $kind = self::KINDS[$line->type] ?? null;
            $sold = $kind === null ? null : Shop::$kind((int) $line->relid);
            if ($sold) {
                $found[] = [$line, $sold];
            }
        }
        return $found;
    }

    public static function invoice(int $id)
    {
        return Capsule::table('tblinvoices')->where('id', $id)->first();
    }

    /** Whether all that was paid on an invoice was paid back. */
    public static function isPaidBack(int $invoice): bool
    {
        $in = $out = 0.0;
        foreach (Capsule::table('tblaccounts')->where('invoiceid', $invoice)->get() as $entry) {
            $in += (float) $entry->amountin;
            $out += (float) $entry->amountout;
        }
        return $in > 0 && $out >= $in - 0.001;
    }
}
