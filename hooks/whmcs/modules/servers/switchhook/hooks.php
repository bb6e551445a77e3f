<?php
/**
 * What happens in WHMCS beside the module calls; each hook hands it on.
 *
 * Names and parameters: https://developers.whmcs.com/hooks-reference/
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

use WHMCS\Module\Server\Switchhook\Heard;
use WHMCS\Module\Server\Switchhook\Outbox;
use WHMCS\Module\Server\Switchhook\Sales;

add_hook('InvoicePaid', 1, function ($vars) {
    Heard::paid((int) $vars['invoiceid']);
});

add_hook('InvoiceRefunded', 1, function ($vars) {
    Heard::paidBack((int) $vars['invoiceid']);
});

add_hook('AddTransaction', 1, function ($vars) {
    Heard::transaction($vars);
});

add_hook('CancellationRequest', 1, function ($vars) {
    Heard::cancelled($vars);
});

foreach (['AfterProductUpgrade', 'AfterConfigOptionsUpgrade', 'AfterAddonUpgrade'] as $hook) {
    add_hook($hook, 1, function ($vars) use ($hook) {
        Heard::upgraded($hook, (int) $vars['upgradeid']);
    });
}

// The module log is off by default: the activity log always tells how a call ended.
foreach (['Create', 'Suspend', 'Unsuspend', 'Terminate', 'ChangePackage'] as $call) {
    add_hook("AfterModule$call", 1, function ($vars) use ($call) {
        Heard::ended($call, (array) $vars['params'], '');
    });
    add_hook("AfterModule{$call}Failed", 1, function ($vars) use ($call) {
        Heard::ended($call, (array) $vars['params'], (string) $vars['failureResponseMessage']);
    });
}

foreach (['AddonActivation', 'AddonRenewal'] as $hook) {
    add_hook($hook, 1, function ($vars) {
        Heard::addon((int) $vars['id']);
    });
}

// Staff may change an add-on's state without a module call: https://developers.whmcs.com/hooks-reference/addon/
foreach (['AddonSuspended', 'AddonUnsuspended', 'AddonCancelled', 'AddonTerminated'] as $hook) {
    add_hook($hook, 1, function ($vars) use ($hook) {
        Heard::addonIs($hook, (int) $vars['id']);
    });
}

add_hook('AddonDeleted', 1, function ($vars) {
    Heard::deleted('a' . (int) $vars['id']);
});

add_hook('ServiceDelete', 1, function ($vars) {
    Heard::deleted((string) (int) $vars['serviceid']);
});

add_hook('ClientEdit', 1, function ($vars) {
    Heard::client($vars);
});

add_hook('ShoppingCartValidateUpgrade', 1, function ($vars) {
    return Sales::mayUpgrade($vars);
});

add_hook('EmailPreSend', 1, function ($vars) {
    return Sales::mayMail($vars);
});

add_hook('PreInvoicingGenerateInvoiceItems', 1, function () {
    Sales::beforeInvoices();
});

add_hook('AfterCronJob', 1, function () {
    Outbox::drain();
});
