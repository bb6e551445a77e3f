<?php
/** What the hooks hear: facts of money by their line, wishes, and how calls ended. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;
use WHMCS\Database\Capsule;

class Heard
{
    /** https://developers.whmcs.com/hooks-reference/invoices-and-quotes/#invoicepaid */
    public static function paid(int $invoice): void
    {
        foreach (Lines::of($invoice) as [$line, $sold]) {
            self::line($line, $sold);
        }
    }

    /** The whole invoice. https://developers.whmcs.com/hooks-reference/invoices-and-quotes/#invoicerefunded */
    public static function paidBack(int $invoice): void
    {
        foreach (Lines::of($invoice) as [$line, $sold]) {
            if ($sold->isTopup()) {
                self::note($sold, "whmcs-InvoiceRefunded-$invoice-{$line->id}", Words::paidBack($line, $sold));
            }
        }
    }

    /**
     * Money that went out again: a refund, or a chargeback, which has no hook of its own.
     * https://developers.whmcs.com/hooks-reference/invoices-and-quotes/#addtransaction ("invocieid")
     */
    public static function transaction(array $vars): void
    {
        $invoice = (int) ($vars['invocieid'] ?? $vars['invoiceid'] ?? 0);
        if ($invoice === 0 || (float) ($vars['amountout'] ?? 0) <= 0) {
            return;
        }
        if (Lines::isPaidBack($invoice)) {
            self::paidBack($invoice);
        } elseif (Lines::of($invoice)) {
            logActivity("Switchhook: a part of invoice $invoice was paid back; what that means"
                . ' for its services and credit, a person must say.');
        }
    }

    /** https://developers.whmcs.com/hooks-reference/service/#cancellationrequest */
    public static function cancelled(array $vars): void
    {
        $sold = Shop::service((int) $vars['relid']);
        // An immediate one is a termination, which WHMCS asks for itself.
        if ($sold && stripos((string) $vars['type'], 'End of Billing') !== false) {
            $told = Words::terminate($sold, 'period_end', (string) ($vars['reason'] ?? ''));
            self::note($sold, "whmcs-{$sold->ref}-" . Outbox::next($sold->ref), $told);
        }
    }

    /** An upgrade is told by ChangePackage; this has it looked at once more. */
    public static function upgraded(string $hook, int $upgrade): void
    {
        $has = Capsule::table('tblupgrades')->where('id', $upgrade)->first();
        $find = $hook === 'AfterAddonUpgrade' ? 'addon' : 'service';
        $sold = $has ? Shop::$find((int) $has->relid) : null;
        if ($sold && !$sold->isTopup()) {
            self::note($sold, "whmcs-$hook-$upgrade", Words::sync($sold));
        }
    }

    /** https://developers.whmcs.com/hooks-reference/client/#clientedit */
    public static function client(array $vars): void
    {
        $had = $vars['olddata'] ?? [];
        $news = array_filter([
            'email' => self::news($vars, $had, 'email'),
            'phone' => Words::phone(self::news($vars, $had, 'phonenumber')),
            'locale' => Words::locale(self::news($vars, $had, 'language')),
        ], 'strlen');
        if (!$news) {
            return;
        }
        foreach (Shop::servicesOf((int) $vars['userid']) as $sold) {
            if (!$sold->isTopup()) {
                self::note($sold, "whmcs-{$sold->ref}-" . Outbox::next($sold->ref), Words::details($sold, $news));
            }
        }
    }

    /** An add-on that was activated or renewed by a payment: its paid line. */
    public static function addon(int $id): void
    {
        $sold = Shop::addon($id);
        $line = $sold ? Lines::paidFor($sold) : null;
        if ($line) {
            self::line($line, $sold);
        }
    }

    /** Its state, however it came to be; told by the module call too, it is the same. */
    public static function addonIs(string $hook, int $id): void
    {
        $sold = Shop::addon($id);
        if (!$sold || $sold->isTopup()) {
            return;
        }
        $types = ['AddonSuspended' => 'service.suspend', 'AddonUnsuspended' => 'service.resume'];
        $told = isset($types[$hook]) ? Words::hold($types[$hook], $sold, '') : Words::terminate($sold, 'now');
        self::note($sold, "whmcs-{$sold->ref}-" . Outbox::next($sold->ref), $told);
    }

    /** A record that is gone says nothing of its account: a person does. */
    public static function deleted(string $ref): void
    {
        if (Outbox::knows($ref)) {
            logActivity("Switchhook: service $ref was deleted here, and its account is as it was:"
                . ' if it is to end, terminate it at the bridge.');
        }
    }

    /** How a module call ended: the module log is off by default, this one never is. */
    public static function ended(string $call, array $params, string $failed): void
    {
        if (($params['moduletype'] ?? Shop::MODULE) === Shop::MODULE) {
            $end = $failed === '' ? 'done' : "failed: $failed";
            logActivity("Switchhook: $call of service " . Sold::refOf($params) . ": $end");
        }
    }

    private static function line($line, Sold $sold): void
    {
        try {
            $sold->target = $sold->isTopup() && $sold->target === '' ? Shop::target((int) $sold->ref) : $sold->target;
        } catch (RuntimeException $error) {
            logActivity("Switchhook: line {$line->id} is paid, and was not told: {$error->getMessage()}");
            return;
        }
        $invoice = (int) $line->invoiceid;
        $told = Words::paid($line, $sold, self::moment(Lines::invoice($invoice)->datepaid ?? ''));
        self::note($sold, "whmcs-InvoicePaid-$invoice-{$line->id}", $told);
    }

    /** '' where it is as it was. */
    private static function news(array $vars, array $had, string $name): string
    {
        $now = (string) ($vars[$name] ?? '');
        return $now === (string) ($had[$name] ?? '') ? '' : $now;
    }

    private static function note(Sold $sold, string $event, array $told): void
    {
        try {
            Outbox::note($sold->server, $event, $sold->ref, $told);
        } catch (RuntimeException $error) {
            logActivity("Switchhook: $event is kept here and told later: {$error->getMessage()}");
        }
    }

    /** A moment of WHMCS is of its own zone; '' where it has none. */
    private static function moment(?string $date): string
    {
        $at = preg_match('/^[1-9]\d{3}-/', (string) $date) ? strtotime((string) $date) : false;
        return $at ? gmdate('Y-m-d\TH:i:s\Z', $at) : '';
    }
}
