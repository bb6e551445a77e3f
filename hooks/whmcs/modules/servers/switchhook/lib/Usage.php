<?php
/** What services use, for WHMCS's daily import and its list of accounts. */

namespace WHMCS\Module\Server\Switchhook;

use WHMCS\Database\Capsule;

class Usage
{
    /**
     * Daily, by server; what was used is shown where WHMCS shows bandwidth.
     * https://developers.whmcs.com/provisioning-modules/usage-update/
     */
    public static function update(array $params): void
    {
        foreach (Bridge::of($params)->askAll('usage', 'services') as $has) {
            if (preg_match('/^\d+$/', (string) $has['service'])) {
                Capsule::table('tblhosting')->where('id', (int) $has['service'])->update([
                    'bwusage' => (int) round((float) $has['used']),
                    'lastupdate' => date('Y-m-d H:i:s'),
                ]);
            }
        }
    }

    /** By user name, which is what WHMCS knows a tenant by. */
    public static function byTenant(array $params): array
    {
        $found = [];
        foreach (Bridge::of($params)->askAll('usage', 'services') as $has) {
            $name = Capsule::table('tblhosting')->where('id', (int) $has['service'])->value('username');
            if ((string) $name !== '') {
                $found[(string) $name] = $has;
            }
        }
        return $found;
    }

    /** https://developers.whmcs.com/provisioning-modules/server-sync/ */
    public static function accounts(array $params): array
    {
        try {
            $accounts = array_map([self::class, 'account'], Bridge::of($params)->askAll('accounts', 'accounts'));
        } catch (\RuntimeException $error) {
            return ['success' => false, 'error' => $error->getMessage()];
        }
        return ['success' => true, 'accounts' => $accounts];
    }

    private static function account(array $has): array
    {
        return [
            'email' => (string) ($has['email'] ?? ''),
            'username' => $has['username'],
            'domain' => $has['username'],
            'uniqueIdentifier' => $has['username'],
            'product' => $has['package'],
            'primaryip' => '',
            'created' => date('Y-m-d H:i:s', (int) strtotime((string) $has['created'])),
            // WHMCS\Service\Status::ACTIVE and ::SUSPENDED
            'status' => $has['status'] === 'inactive' ? 'Suspended' : 'Active',
        ];
    }
}
