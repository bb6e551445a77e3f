<?php
/** What a customer sees and presses on the page of a service. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Page
{
    /** Module setting 5. */
    const LOGIN = 'configoption5';

    /** https://developers.whmcs.com/provisioning-modules/client-area-output/ */
    public static function shown(array $params): array
    {
        try {
            $has = self::asked($params);
        } catch (RuntimeException $error) {
            logActivity("Switchhook: the page of service {$params['serviceid']}: {$error->getMessage()}");
            return ['templatefile' => 'templates/away', 'vars' => []];
        }
        $more = [
            'id' => (int) $params['serviceid'],
            'login' => self::login($params, $has) !== '',
            'said' => Desk::said($params),
        ];
        return ['templatefile' => 'templates/overview', 'vars' => ['switchhook' => Panel::of($has) + $more]];
    }

    /**
     * A coupon's button. What came of it is shown on the page, which is loaded anew.
     * https://developers.whmcs.com/provisioning-modules/custom-functions/
     */
    public static function activate(array $params, array $told): string
    {
        return Calls::guarded(function () use ($params, $told) {
            $asked = ['verb' => 'coupon', 'service' => Sold::of($params)->ref];
            foreach (['coupon', 'variant'] as $name) {
                $asked[$name] = is_string($told[$name] ?? null) ? $told[$name] : '';
            }
            $answer = Bridge::of($params)->ask('act', $asked);
            Desk::keep($params, (string) ($answer['said'] ?? ''));
            logActivity("Switchhook: coupon {$asked['coupon']} of service {$params['serviceid']}: "
                . ($answer['said'] ?? ''), (int) ($params['userid'] ?? 0));
            return Calls::SUCCESS;
        });
    }

    /** https://developers.whmcs.com/provisioning-modules/single-sign-on/ */
    public static function signOn(array $params): array
    {
        try {
            $url = self::login($params, self::asked($params));
        } catch (RuntimeException $error) {
            logActivity('Switchhook: ' . $error->getMessage());
            return self::notYet('The login page cannot be found at the moment; please try again later.');
        }
        if ($url !== '') {
            return ['success' => true, 'redirectTo' => $url];
        }
        // Who may mend it reads how; a customer would only wonder.
        return self::notYet(empty($_SESSION['adminid'])
            ? 'There is no login page for this service yet.'
            : 'No account is there yet, or nothing says where its customers log in: fill in "Login'
            . ' page" in the Module Settings of the product, or give the bridge\'s source a brand.');
    }

    /** The server's: the bridge's console. */
    public static function adminSignOn(array $params): array
    {
        try {
            $bridge = Bridge::of($params);
            return self::console((string) ($bridge->ask('packages')['console'] ?? ''), $bridge->isHere());
        } catch (RuntimeException $error) {
            return self::notYet($error->getMessage());
        }
    }

    /** @param bool $here whether the bridge is on this machine */
    public static function console(string $url, bool $here): array
    {
        $far = !$here && Bridge::isLocal((string) parse_url($url, PHP_URL_HOST));
        if ($far || !preg_match('#^https?://#', $url)) {
            return self::notYet('The console is for browsers on the bridge\'s own machine yet: write where'
                . ' others reach it as url into the table [console] of the bridge.');
        }
        return ['success' => true, 'redirectTo' => $url];
    }

    /** The product's own, else the brand's at the bridge; '' for none, or no account yet. */
    public static function login(array $params, array $has): string
    {
        $own = trim((string) ($params[self::LOGIN] ?? ''));
        $url = $own === '' ? (string) ($has['login_url'] ?? '') : $own;
        $ready = !empty($has['username']) && preg_match('#^https?://#', $url);
        return $ready ? $url : '';
    }

    private static function asked(array $params): array
    {
        return Bridge::of($params)->ask('service', ['service' => Sold::of($params)->ref]);
    }

    private static function notYet(string $why): array
    {
        return ['success' => false, 'errorMsg' => $why];
    }
}
