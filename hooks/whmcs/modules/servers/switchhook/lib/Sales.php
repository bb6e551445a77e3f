<?php
/** What WHMCS asks before it sells, mails or invoices. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;
use WHMCS\Database\Capsule;

class Sales
{
    /**
     * Why an upgrade may not be ordered (C7, C9, C13): before it is paid, not after.
     * https://developers.whmcs.com/hooks-reference/shopping-cart/ ShoppingCartValidateUpgrade
     */
    public static function mayUpgrade(array $vars): array
    {
        $sold = Shop::service((int) ($vars['id'] ?? 0));
        $product = Capsule::table('tblproducts')->where('id', (int) ($vars['pid'] ?? 0))->first();
        if (!$sold || !$product || $product->servertype !== Shop::MODULE) {
            return [];
        }
        $change = implode(',', array_filter([$product->configoption1, self::cycle($vars)], 'strlen'));
        try {
            $plan = Bridge::ofServer($sold->server)->ask('plan', ['service' => $sold->ref, 'change' => $change]);
        } catch (RuntimeException $error) {
            logActivity('Switchhook: ' . $error->getMessage());
            return ['Whether this change is possible cannot be checked at the moment. Please try again later.'];
        }
        return isset($plan['refused']) ? [(string) $plan['refused']] : [];
    }

    /** A mail with a login goes out when there is an account. */
    public static function mayMail(array $vars): array
    {
        $sold = Shop::service((int) ($vars['relid'] ?? 0));
        $product = $sold && !$sold->isTopup() ? self::welcomed((string) $vars['messagename'], (int) $sold->ref) : null;
        if (!$product) {
            return [];
        }
        try {
            $has = Bridge::ofServer($sold->server)->ask('service', ['service' => $sold->ref]);
        } catch (RuntimeException $error) {
            $has = [];
        }
        if (empty($has['username'])) {
            logActivity("Switchhook: \"{$vars['messagename']}\" for service {$sold->ref} waits for its account.");
            return ['abortsend' => true];
        }
        return ['service_username' => $has['username'], 'switchhook_login_url' => Page::login((array) $product, $has)];
    }

    /** A change at the period's end is WHMCS's before it writes the renewal invoice. */
    public static function beforeInvoices(): void
    {
        foreach (Shop::servers() as $server) {
            try {
                $accounts = Bridge::ofServer($server)->askAll('accounts', 'accounts');
            } catch (RuntimeException $error) {
                logActivity('Switchhook: ' . $error->getMessage());
                continue;
            }
            foreach ($accounts as $has) {
                self::scheduled($has);
            }
        }
    }

    private static function scheduled(array $has): void
    {
        $next = $has['next_package'] ?? null;
        $sold = $next ? Shop::service((int) $has['service']) : null;
        if (!$sold || $sold->chosen === $next['name']) {
            return;
        }
        try {
            $product = Shop::productOf($next['name']);
        } catch (RuntimeException $error) {
            logActivity("Switchhook: service {$sold->ref} is to be {$next['name']} next: {$error->getMessage()}");
            return;
        }
        // https://developers.whmcs.com/api-reference/updateclientproduct/
        localAPI('UpdateClientProduct', ['serviceid' => (int) $sold->ref, 'pid' => $product, 'autorecalc' => true]);
        logActivity("Switchhook: service {$sold->ref} is invoiced as {$next['name']} from {$next['at']}.");
    }

    /** The product whose welcome mail this is to the service; null, if it is another mail. */
    private static function welcomed(string $mail, int $service)
    {
        $product = Capsule::table('tblproducts')
            ->where('id', Capsule::table('tblhosting')->where('id', $service)->value('packageid'))->first();
        $template = Capsule::table('tblemailtemplates')->where('id', $product->welcomeemail)->first();
        return $template && $template->name === $mail ? $product : null;
    }

    /** "Semi-Annually" is semiannually at the bridge; what is free has no cycle there. */
    private static function cycle(array $vars): string
    {
        $cycle = strtolower(preg_replace('/[^A-Za-z]/', '', (string) ($vars['billingcycle'] ?? '')));
        return ['onetime' => 'once', 'freeaccount' => ''][$cycle] ?? $cycle;
    }
}
