<?php
/**
 * One action of WHMCS, as a process: php whmcs.php DATABASE MODULE < {"do": …}
 *
 * Pages named here are of developers.whmcs.com (WHMCS/developer-docs). What they leave open
 * is inferred, and is all that a licensed WHMCS could show to be otherwise:
 * - userid, addonId and suspendreason in the parameters; an add-on's module settings there;
 * - an invoice is Paid before its lines are automated, and in which order that is done;
 * - the type of a line (Hosting, Addon, Upgrade, AddFunds, Invoice) and its own due date,
 *   which is the start of the period it pays for;
 * - the columns of its tables (schema.sql), and tblupgrades before ChangePackage;
 * - AddTransaction comes after its row; a chargeback is such a row; a Retry of a suspension
 *   has no reason with it.
 */

define('MODULE', $argv[2]);
require __DIR__ . '/capsule.php';
require __DIR__ . '/platform.php';

use WHMCS\Database\Capsule;

Capsule::open($argv[1]);
require MODULE . '/switchhook.php';
// hooks.php beside a module is loaded by itself: provisioning-modules/getting-started.md
require MODULE . '/hooks.php';

/** provisioning-modules/module-parameters.md, row by row; "inferred" where it has no row */
function params(string $ref): array
{
    $addon = $ref[0] === 'a' ? Capsule::table('tblhostingaddons')->where('id', (int) substr($ref, 1))->first() : null;
    $service = Capsule::table('tblhosting')->where('id', $addon ? $addon->hostingid : (int) $ref)->first();
    $product = Capsule::table('tblproducts')->where('id', $service->packageid)->first();
    $client = Capsule::table('tblclients')->where('id', $service->userid)->first();
    $params = server((int) ($addon ? $addon->server : $service->server)) + [
        'serviceid' => (int) $service->id,
        'userid' => (int) $service->userid, // inferred
        'addonId' => $addon ? (int) $addon->id : 0, // inferred
        'pid' => (int) $product->id,
        'domain' => $service->domain,
        'username' => $service->username,
        'password' => $service->password,
        'producttype' => $product->type,
        'moduletype' => 'switchhook',
        'clientsdetails' => ['userid' => (int) $client->id] + (array) $client,
        'customfields' => fields($service),
        'configoptions' => $addon ? [] : named('harness_options', (int) $service->id),
        'model' => new Model((int) $service->id), // service-properties.md
    ];
    foreach (range(1, 24) as $n) {
        $params["configoption$n"] = $addon ? '' : (string) ($product->{"configoption$n"} ?? '');
    }
    if ($addon) {
        $rows = Capsule::table('tblmodule_configuration')->where('entity_id', $addon->addonid)->get();
        foreach ($rows as $row) {
            $params[$row->setting_name] = $row->value; // inferred
        }
    }
    return $params;
}

/** provisioning-modules/usage-metrics.md, the sample $params of a server */
function server(int $id): array
{
    $row = Capsule::table('tblservers')->where('id', $id)->first();
    return $row ? [
        'server' => true,
        'serverid' => (int) $row->id,
        'serverhostname' => $row->hostname,
        'serverusername' => $row->username,
        'serverpassword' => base64_decode($row->password),
        'serveraccesshash' => $row->accesshash,
        'serversecure' => $row->secure === 'on',
        'serverport' => $row->port,
    ] : ['server' => false, 'serverid' => 0];
}

/** By their names: module-parameters.md */
function fields($service): array
{
    $found = [];
    foreach (Capsule::table('tblcustomfields')->where('relid', $service->packageid)->get() as $field) {
        $found[$field->fieldname] = (string) Capsule::table('tblcustomfieldsvalues')
            ->where('fieldid', $field->id)->where('relid', $service->id)->value('value');
    }
    return $found;
}

function named(string $table, int $service): array
{
    $found = [];
    foreach (Capsule::table($table)->where('service', $service)->get() as $row) {
        $found[$row->name] = $row->value;
    }
    return $found;
}

/** core-module-functions.md "Action Events"; hooks-reference/module.md for the hooks around it */
function call(string $function, string $ref, array $more = []): string
{
    $hook = ['CreateAccount' => 'Create', 'SuspendAccount' => 'Suspend', 'UnsuspendAccount' => 'Unsuspend',
        'TerminateAccount' => 'Terminate'][$function] ?? $function;
    $params = $more + params($ref);
    Harness::hook("PreModule$hook", ['params' => $params]);
    $said = ("switchhook_$function")($params);
    if ($said === 'success') {
        $status = ['Create' => 'Active', 'Suspend' => 'Suspended', 'Unsuspend' => 'Active',
            'Terminate' => 'Terminated'][$hook] ?? null;
        $status && status($ref, $status, (string) ($params['suspendreason'] ?? ''));
        $hook === 'Create' && $ref[0] !== 'a' && welcome((int) $ref);
        // There is no AfterModuleRenew: hooks-reference/module.md has none.
        $hook === 'Renew' || Harness::hook("AfterModule$hook", ['params' => $params]);
        Capsule::table('harness_queue')->where('ref', $ref)->where('action', $function)->update(['completed' => 1]);
        return $said;
    }
    $hook === 'Renew' || Harness::hook("AfterModule{$hook}Failed", ['params' => $params, 'failureResponseMessage' => $said]);
    Capsule::table('harness_queue')->insert(['ref' => $ref, 'action' => $function, 'error' => $said]);
    return $said;
}

function status(string $ref, string $status, string $reason): void
{
    if ($ref[0] === 'a') {
        Capsule::table('tblhostingaddons')->where('id', (int) substr($ref, 1))->update(['status' => $status]);
        return;
    }
    Capsule::table('tblhosting')->where('id', (int) $ref)->update(['domainstatus' => $status, 'suspendreason' => $reason]);
}

/** core-module-functions.md: the Product Welcome Email; hooks-reference/everything-else.md: EmailPreSend */
function welcome(int $service): string
{
    $product = Capsule::table('tblhosting')->where('id', $service)->value('packageid');
    $template = Capsule::table('tblproducts')->where('id', $product)->value('welcomeemail');
    $name = Capsule::table('tblemailtemplates')->where('id', $template)->value('name');
    $answers = Harness::hook('EmailPreSend', ['messagename' => $name, 'relid' => $service, 'mergefields' => []]);
    $merged = array_merge([], ...array_filter($answers));
    $sent = empty($merged['abortsend']);
    $sent && Harness::log('mail', json_encode([$name, $service, $merged]));
    return $sent ? 'sent' : 'stopped';
}

/**
 * hooks-reference/invoices-and-quotes.md: InvoicePaidPreEmail before all automation,
 * InvoicePaid after it. What automation does line by line, and in which order, is inferred.
 */
function pay(int $invoice, bool $hookFirst): array
{
    Capsule::table('tblinvoices')->where('id', $invoice)->update(['status' => 'Paid', 'datepaid' => date('Y-m-d H:i:s', time() + Harness::$ahead)]);
    Harness::hook('InvoicePaidPreEmail', ['invoiceid' => $invoice]);
    $hookFirst && Harness::hook('InvoicePaid', ['invoiceid' => $invoice]);
    $said = [];
    foreach (Capsule::table('tblinvoiceitems')->where('invoiceid', $invoice)->get() as $line) {
        $said[] = automated($line);
    }
    $hookFirst || Harness::hook('InvoicePaid', ['invoiceid' => $invoice]);
    return $said;
}

function automated($line): string
{
    if ($line->type === 'Hosting') {
        $status = Capsule::table('tblhosting')->where('id', $line->relid)->value('domainstatus');
        if ($status === 'Pending') {
            return call('CreateAccount', (string) $line->relid);
        }
        $said = call('Renew', (string) $line->relid);
        return $status === 'Suspended' ? call('UnsuspendAccount', (string) $line->relid) : $said;
    }
    if ($line->type === 'Addon') {
        $addon = Capsule::table('tblhostingaddons')->where('id', $line->relid)->first();
        $vars = ['id' => (int) $addon->id, 'userid' => (int) $addon->userid, 'serviceid' => (int) $addon->hostingid, 'addonid' => (int) $addon->addonid];
        Harness::hook($addon->status === 'Pending' ? 'AddonActivation' : 'AddonRenewal', $vars);
        return call($addon->status === 'Pending' ? 'CreateAccount' : 'Renew', "a{$addon->id}");
    }
    if ($line->type === 'Upgrade') {
        $upgrade = Capsule::table('tblupgrades')->where('id', $line->relid)->first();
        $kind = $upgrade->type === 'package' ? 'AfterProductUpgrade' : 'AfterConfigOptionsUpgrade';
        if ($upgrade->type === 'package') {
            Capsule::table('tblhosting')->where('id', $upgrade->relid)->update(['packageid' => (int) $upgrade->newvalue]);
        } else {
            [$name, $value] = explode('=', $upgrade->newvalue);
            Capsule::table('harness_options')->where('service', $upgrade->relid)->where('name', $name)->update(['value' => $value]);
        }
        $said = call('ChangePackage', (string) $upgrade->relid);
        Harness::hook($kind, ['upgradeid' => (int) $upgrade->id]);
        return $said;
    }
    return 'nothing';
}

function act(array $told)
{
    Harness::$ahead = $told['ahead'] ?? Harness::$ahead;
    switch ($told['do']) {
        case 'all':
            return array_map('act', $told['these']);
        case 'call':
            return call($told['function'], $told['ref'], $told['more'] ?? []);
        case 'function':
            $_POST = $told['post'] ?? [];
            $_SESSION = empty($told['customer']) ? ['adminid' => 3] : ['uid' => 7];
            $params = isset($told['ref']) ? params($told['ref']) : server($told['server'] ?? 1);
            $said = ("switchhook_{$told['function']}")($params);
            return isset($told['then']) ? ("switchhook_{$told['then']}")($params) : $said;
        case 'ours':
            return ("WHMCS\\Module\\Server\\Switchhook\\{$told['function']}")(...$told['with']);
        case 'usage':
            $provider = switchhook_MetricProvider(server(1));
            return [$provider->metrics(), $provider->usage(), $provider->tenantUsage($told['tenant'])];
        case 'pay':
            return pay($told['invoice'], $told['hook_first'] ?? false);
        case 'hook':
            return Harness::hook($told['hook'], $told['vars'] ?? []);
        case 'welcome':
            return welcome($told['service']);
        case 'hooks':
            return array_keys(Harness::$hooks);
    }
    throw new LogicException("no such action: {$told['do']}");
}

try {
    echo json_encode(['said' => act(json_decode(stream_get_contents(STDIN), true))]);
} catch (Throwable $error) {
    echo json_encode(['thrown' => get_class($error) . ': ' . $error->getMessage(), 'at' => $error->getFile() . ':' . $error->getLine()]);
}
