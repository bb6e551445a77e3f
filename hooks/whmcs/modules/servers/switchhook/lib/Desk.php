<?php
/** What staff see and press on the page of a service. */

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
        $said = self::said($params);
        $token = bin2hex(random_bytes(12));
        $shown = ($said === '' ? [] : ['Answer' => nl2br(Show::text($said))]) + Show::fields($has);
        return empty($has['known']) ? $shown : $shown + [
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

    /** To be shown with the page's next load. */
    public static function keep(array $params, string $said): void
    {
        $_SESSION[self::SAID][(string) $params['serviceid']] = $said;
    }

    public static function said(array $params): string
    {
        $said = $_SESSION[self::SAID][(string) $params['serviceid']] ?? '';
        unset($_SESSION[self::SAID][(string) $params['serviceid']]);
        return $said;
    }
}
