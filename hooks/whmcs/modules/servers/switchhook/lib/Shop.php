<?php
/** What WHMCS itself knows: its servers, services, add-ons and clients. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;
use WHMCS\Database\Capsule;

class Shop
{
    const MODULE = 'switchhook';

    /** A server record of this module as an array; 0 is the only one there is. */
    public static function server(int $id): array
    {
        $query = Capsule::table('tblservers')->where('type', self::MODULE);
        $id ? $query->where('id', $id) : $query->where('disabled', 0);
        $found = [];
        foreach ($query->get() as $row) {
            $found[] = $row;
        }
        if (count($found) !== 1) {
            throw new RuntimeException($id
                ? "Server $id is not one of Switchhook's: choose one in the product."
                : count($found) . ' servers of Switchhook are active: assign one to the service.');
        }
        // https://developers.whmcs.com/api-reference/decryptpassword/
        $opened = localAPI('DecryptPassword', ['password2' => $found[0]->password]);
        return [
            'id' => $found[0]->id,
            'hostname' => $found[0]->hostname,
            'port' => $found[0]->port,
            'secure' => $found[0]->secure === 'on',
            'username' => $found[0]->username,
            'password' => (string) ($opened['password'] ?? ''),
            'accesshash' => (string) $found[0]->accesshash,
        ];
    }

    /** All server records of this module. @return int[] */
    public static function servers(): array
    {
        $found = [];
        foreach (Capsule::table('tblservers')->where('type', self::MODULE)->where('disabled', 0)->get() as $row) {
            $found[] = (int) $row->id;
        }
        return $found;
    }

    /** A service of a product of ours, or null. */
    public static function service(int $id): ?Sold
    {
        $row = Capsule::table('tblhosting')->where('id', $id)->first();
        $product = $row ? Capsule::table('tblproducts')->where('id', $row->packageid)->first() : null;
        if (!$product || $product->servertype !== self::MODULE) {
            return null;
        }
        return new Sold((string) $row->id, (int) $row->userid, (int) $row->server, (string) $product->configoption1);
    }

    /** Which service a top-up sold as a product is for; an exception, where its field is gone. */
    public static function target(int $id): string
    {
        $service = Capsule::table('tblhosting')->where('id', $id)->first();
        $product = Capsule::table('tblproducts')->where('id', $service->packageid)->first();
        $name = trim((string) $product->configoption3);
        if ($name === '') {
            return '';
        }
        $fields = Capsule::table('tblcustomfields')->where('type', 'product')->where('relid', $product->id);
        foreach ($fields->get() as $field) {
            // "name|as it is displayed"
            if (trim(explode('|', $field->fieldname)[0]) === $name) {
                return (string) Capsule::table('tblcustomfieldsvalues')
                    ->where('fieldid', $field->id)->where('relid', $id)->value('value');
            }
        }
        throw Sold::withoutField($name);
    }

    /** An add-on of ours that was bought to a service, or null. */
    public static function addon(int $id): ?Sold
    {
        $row = Capsule::table('tblhostingaddons')->where('id', $id)->first();
        $addon = $row ? Capsule::table('tbladdons')->where('id', $row->addonid)->first() : null;
        if (!$addon || $addon->module !== self::MODULE) {
            return null;
        }
        $chosen = Capsule::table('tblmodule_configuration')
            ->where('entity_type', 'addon')->where('entity_id', $addon->id)
            ->where('setting_name', 'configoption1')->value('value');
        return new Sold("a{$row->id}", (int) $row->userid, (int) $row->server, (string) $chosen, (string) $row->hostingid);
    }

    /** Every service of ours that a client has and that is in use. @return Sold[] */
    public static function servicesOf(int $client): array
    {
        $found = [];
        $query = Capsule::table('tblhosting')->where('userid', $client);
        foreach ($query->whereIn('domainstatus', ['Active', 'Suspended'])->get() as $row) {
            $found[] = self::service((int) $row->id);
        }
        return array_values(array_filter($found));
    }

    /** The name of the client's group; '' for none. */
    public static function group(int $id): string
    {
        return $id ? (string) Capsule::table('tblclientgroups')->where('id', $id)->value('groupname') : '';
    }

    /** The product of ours with that package. One, or an exception. */
    public static function productOf(string $package): int
    {
        $found = [];
        $query = Capsule::table('tblproducts')->where('servertype', self::MODULE);
        foreach ($query->where('configoption1', $package)->get() as $row) {
            $found[] = (int) $row->id;
        }
        if (count($found) !== 1) {
            throw new RuntimeException(count($found) . " products have package \"$package\": one must.");
        }
        return $found[0];
    }
}
