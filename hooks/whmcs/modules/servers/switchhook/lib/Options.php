<?php
/** Configurable options: by their names here, and what each is in our catalog. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Options
{
    const QUANTITY = 'quantity';
    const NOT_OURS = '-';

    /**
     * By our names; null where the product has none. WHMCS gives them by display name, so
     * one that was renamed would silently be sold and not delivered: it is an error here.
     * https://developers.whmcs.com/provisioning-modules/module-parameters/
     */
    public static function of(array $params): ?array
    {
        $mapped = self::mapped($params);
        unset($mapped[self::QUANTITY], $mapped[self::NOT_OURS]);
        return self::written($params) ? $mapped : null;
    }

    /** How many of the package; 0 where no option says so. */
    public static function quantity(array $params): int
    {
        return (int) (self::mapped($params)[self::QUANTITY] ?? 0);
    }

    private static function mapped(array $params): array
    {
        $names = self::written($params);
        $given = $params['configoptions'] ?? [];
        foreach (array_diff_key($names, $given) as $name => $ours) {
            throw new RuntimeException(
                "Configurable option \"$name\" is gone or renamed: it was \"$ours\" to the bridge."
                . ' Name it as before, or change "Configurable options" in the Module Settings.'
            );
        }
        foreach (array_diff_key($given, $names) as $name => $value) {
            throw new RuntimeException(
                "Configurable option \"$name\" is sold, and nothing says what it is: add a line"
                . " \"$name = our_name\" to \"Configurable options\" in the Module Settings"
                . ' ("' . self::NOT_OURS . '" where the bridge needs not know it).'
            );
        }
        $mapped = [];
        foreach ($names as $name => $ours) {
            $mapped[$ours] = is_numeric($given[$name]) ? (int) $given[$name] : (string) $given[$name];
        }
        return $mapped;
    }

    /** The second module setting: "name here = name there", one a line. */
    private static function written(array $params): array
    {
        $names = [];
        foreach (preg_split('/\R/', trim((string) ($params['configoption2'] ?? ''))) as $line) {
            if (trim($line) === '') {
                continue;
            }
            $cut = strrpos($line, '=');
            if ($cut === false) {
                throw new RuntimeException("\"$line\" in \"Configurable options\" has no \"=\".");
            }
            $names[trim(substr($line, 0, $cut))] = trim(substr($line, $cut + 1));
        }
        return $names;
    }
}
