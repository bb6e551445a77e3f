<?php
/** What the bridge sells, for the drop-downs of a product's Module Settings. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Catalog
{
    /**
     * Packages and top-ups by the value that is stored.
     * https://developers.whmcs.com/provisioning-modules/loader-functions/: an exception is shown.
     */
    public static function choices(array $params): array
    {
        $sold = Bridge::of($params)->ask('packages');
        $found = [];
        foreach ($sold['packages'] ?? [] as $package) {
            $found[$package['name']] = self::label($package, [$package['price'] ?? '', $package['cycle'] ?? '']);
        }
        foreach ($sold['topups'] ?? [] as $topup) {
            $found[Sold::TOPUP . $topup['name']] = 'Top-up: ' . self::label($topup, [$topup['credit'] ?? '']);
        }
        return $found;
    }

    /** Whether the server record is right: signed, known, and its backend is there. */
    public static function tried(array $params): array
    {
        try {
            $bridge = Bridge::of($params);
            $there = $bridge->ask('packages')['backends'] ?? [];
        } catch (RuntimeException $error) {
            return ['success' => false, 'error' => $error->getMessage()];
        }
        if ($bridge->backend !== '' && !in_array($bridge->backend, $there, true)) {
            return ['success' => false, 'error' => "The bridge has no backend \"{$bridge->backend}\""
                . ' (Access Hash of the server record); it has: ' . implode(', ', $there) . '.'];
        }
        return ['success' => true, 'error' => ''];
    }

    private static function label(array $sold, array $more): string
    {
        $more = array_filter(array_map([Show::class, 'money'], $more), 'strlen');
        $label = (string) ($sold['label'] ?? '') === '' ? $sold['name'] : $sold['label'];
        return $label . ($more ? ' (' . implode(', ', $more) . ')' : '');
    }
}
