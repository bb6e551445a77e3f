<?php
/** What staff and customers see and press on the page of a service. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Desk
{
    const SAID = 'switchhook_said';
    const AMOUNT = 0;
    const BECAUSE = 1;
    const TOKEN = 2;

    /**
     * Fields of the admin's product page; the last two give credit when it is saved.
     * https://developers.whmcs.com/provisioning-modules/admin-services-tab/
     */
    public static function fields(array $params): array
    {
        try {
            $has = Bridge::of($params)->ask('service', ['service' => Sold::of($params)->ref]);
        } catch (RuntimeException $error) {
            return ['Switchhook' => Show::text($error->getMessage())];
        }
        $said = self::said((string) $params['serviceid']);
        $token = bin2hex(random_bytes(12));
        return ($said === '' ? [] : ['Answer' => nl2br(Show::text($said))]) + Show::fields($has) + [
            'Top up by' => '<input type="text" name="modulefields[' . self::AMOUNT . ']" size="8" />',
            'Because' => '<input type="text" name="modulefields[' . self::BECAUSE . ']" size="60" />'
                . '<input type="hidden" name="modulefields[' . self::TOKEN . ']" value="' . $token . '" />',
        ];
    }

    /** The token came with the form: saving the same form twice gives once. */
    public static function saved(array $params, array $told): void
    {
        $amount = trim((string) ($told[self::AMOUNT] ?? ''));
        if ($amount === '') {
            return;
        }
        $because = trim((string) ($told[self::BECAUSE] ?? ''));
        if ($because === '') {
            self::keep($params, 'Nothing was given: say why, in "Because".');
            return;
        }
        $token = preg_replace('/[^0-9a-f]/', '', (string) ($told[self::TOKEN] ?? ''));
        $end = self::act($params, 'topup', ['amount' => $amount, 'because' => $because], $token);
        if ($end !== Calls::SUCCESS) {
            self::keep($params, $end);
        }
    }

    /** A button: what the bridge says of it is shown with the page's next load. */
    public static function act(array $params, string $verb, array $more = [], string $token = ''): string
    {
        return Calls::guarded(function () use ($params, $verb, $more, $token) {
            $asked = ['verb' => $verb, 'service' => Sold::of($params)->ref] + $more + [
                'because' => "asked for in WHMCS: $verb",
                'by' => 'whmcs admin ' . (int) ($_SESSION['adminid'] ?? 0),
            ];
            $answer = Bridge::of($params)->ask('act', $asked, $token);
            self::keep($params, (string) ($answer['said'] ?? ''));
            logActivity("Switchhook: $verb of service {$params['serviceid']}: " . ($answer['said'] ?? ''));
            return Calls::SUCCESS;
        });
    }

    /** What would be done now, without doing it. */
    public static function preview(array $params): string
    {
        return Calls::guarded(function () use ($params) {
            $plan = Bridge::of($params)->ask('plan', ['service' => Sold::of($params)->ref]);
            $steps = $plan['steps'] ?? [];
            $shown = $plan['refused'] ?? ($steps ? implode("\n", $steps) : 'Nothing is to be done.');
            self::keep($params, $shown);
            return Calls::SUCCESS;
        });
    }

    /** https://developers.whmcs.com/provisioning-modules/client-area-output/ */
    public static function clientArea(array $params): array
    {
        try {
            $has = Bridge::of($params)->ask('service', ['service' => Sold::of($params)->ref]);
        } catch (RuntimeException $error) {
            logActivity("Switchhook: the page of service {$params['serviceid']}: {$error->getMessage()}");
            return ['templatefile' => 'templates/away', 'vars' => []];
        }
        $more = ['id' => (int) $params['serviceid'], 'login' => self::isWeb($has['login_url'] ?? '')];
        return ['templatefile' => 'templates/overview', 'vars' => ['switchhook' => Show::panel($has) + $more]];
    }

    /** https://developers.whmcs.com/provisioning-modules/single-sign-on/ */
    public static function signOn(array $params): array
    {
        try {
            $url = Bridge::of($params)->ask('service', ['service' => Sold::of($params)->ref])['login_url'] ?? '';
        } catch (RuntimeException $error) {
            logActivity('Switchhook: ' . $error->getMessage());
            return ['success' => false, 'errorMsg' => 'The login page cannot be found at the moment.'];
        }
        return self::isWeb($url)
            ? ['success' => true, 'redirectTo' => $url]
            : ['success' => false, 'errorMsg' => 'There is no login page for this service yet.'];
    }

    private static function isWeb($url): bool
    {
        return is_string($url) && preg_match('#^https?://#', $url);
    }

    private static function keep(array $params, string $said): void
    {
        $_SESSION[self::SAID][(string) $params['serviceid']] = $said;
    }

    private static function said(string $service): string
    {
        $said = $_SESSION[self::SAID][$service] ?? '';
        unset($_SESSION[self::SAID][$service]);
        return $said;
    }
}
