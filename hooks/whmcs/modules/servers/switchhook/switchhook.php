<?php
/**
 * Switchhook for WHMCS: each function tells the bridge, or asks it; nothing is decided here.
 *
 * Their names, parameters and answers: https://developers.whmcs.com/provisioning-modules/
 * Supported are WHMCS 8.0 and later, PHP 7.4 to 8.3.
 */

if (!defined('WHMCS')) {
    die('This file cannot be accessed directly');
}

use WHMCS\Module\Server\Switchhook\Calls;
use WHMCS\Module\Server\Switchhook\Catalog;
use WHMCS\Module\Server\Switchhook\Desk;
use WHMCS\Module\Server\Switchhook\Metrics;
use WHMCS\Module\Server\Switchhook\Page;
use WHMCS\Module\Server\Switchhook\Usage;

/** https://developers.whmcs.com/provisioning-modules/meta-data-params/ */
function switchhook_MetaData()
{
    return [
        'DisplayName' => 'Switchhook',
        'APIVersion' => '1.1',
        'RequiresServer' => true,
        'DefaultNonSSLPort' => '8080',
        'DefaultSSLPort' => '443',
        'ServiceSingleSignOnLabel' => 'Log in to the panel',
        'AdminSingleSignOnLabel' => 'Open the bridge',
        'ListAccountsUniqueIdentifierDisplayName' => 'User name',
        'ListAccountsUniqueIdentifierField' => 'username',
        'ListAccountsProductField' => 'configoption1',
    ];
}

/**
 * Stored by position, so a setting never moves: new ones go to the end.
 * https://developers.whmcs.com/provisioning-modules/config-options/
 */
function switchhook_ConfigOptions($params = [])
{
    return [
        'Package' => [
            'Type' => 'text',
            'Size' => '25',
            'Loader' => 'switchhook_Packages',
            'SimpleMode' => true,
            'Description' => 'As the bridge names it; a top-up is topup:NAME',
        ],
        'Configurable options' => [
            'Type' => 'textarea',
            'Rows' => '4',
            'Cols' => '50',
            'SimpleMode' => true,
            'Description' => 'One a line: its name here = its name at the bridge ("quantity": how many'
                . ' of the package; "-": not for the bridge)',
        ],
        'Target field' => [
            'Type' => 'text',
            'Size' => '25',
            'SimpleMode' => true,
            'Description' => 'For a top-up: the custom field with the id of the service it is for',
        ],
        'Send client group' => [
            'Type' => 'yesno',
            'SimpleMode' => true,
            'Description' => 'Prices by customer group: the group\'s name is one of the bridge\'s',
        ],
        'Login page' => [
            'Type' => 'text',
            'Size' => '50',
            'SimpleMode' => true,
            'Description' => 'https://..., where its customers log in; empty: the brand\'s at the bridge',
        ],
    ];
}

function switchhook_Packages($params = [])
{
    return Catalog::choices((array) $params);
}

function switchhook_CreateAccount(array $params)
{
    return Calls::create($params);
}

function switchhook_SuspendAccount(array $params)
{
    return Calls::suspend($params);
}

function switchhook_UnsuspendAccount(array $params)
{
    return Calls::unsuspend($params);
}

function switchhook_TerminateAccount(array $params)
{
    return Calls::terminate($params);
}

function switchhook_Renew(array $params)
{
    return Calls::renew($params);
}

function switchhook_ChangePackage(array $params)
{
    return Calls::change($params);
}

function switchhook_ChangePassword(array $params)
{
    return Calls::password($params);
}

function switchhook_TestConnection(array $params)
{
    return Catalog::tried($params);
}

function switchhook_UsageUpdate(array $params)
{
    Usage::update($params);
}

function switchhook_MetricProvider(array $params)
{
    return new Metrics($params);
}

function switchhook_ListAccounts(array $params)
{
    return Usage::accounts($params);
}

/** https://developers.whmcs.com/provisioning-modules/custom-functions/ */
function switchhook_AdminCustomButtonArray()
{
    return [
        'Preview' => 'preview',
        'Re-provision' => 'reprovision',
        'Sync' => 'sync',
        'Top up' => 'topup',
        'Re-issue login' => 'login',
    ];
}

function switchhook_preview(array $params)
{
    return Desk::preview($params);
}

function switchhook_reprovision(array $params)
{
    return Desk::act($params, 'reprovision');
}

function switchhook_sync(array $params)
{
    return Desk::act($params, 'sync');
}

function switchhook_topup(array $params)
{
    return 'Write the amount in "Top up by" and the reason in "Because" below, then save.';
}

function switchhook_login(array $params)
{
    return Desk::act($params, 'login');
}

function switchhook_AdminServicesTabFields(array $params)
{
    return Desk::fields($params);
}

function switchhook_AdminServicesTabFieldsSave(array $params)
{
    Desk::saved($params, (array) ($_POST['modulefields'] ?? []));
}

function switchhook_ClientArea(array $params)
{
    return Page::shown($params);
}

/** https://developers.whmcs.com/provisioning-modules/custom-functions/ */
function switchhook_ClientAreaAllowedFunctions()
{
    return ['Use a coupon' => 'activate'];
}

function switchhook_activate(array $params)
{
    return Page::activate($params, $_POST);
}

function switchhook_ServiceSingleSignOn(array $params)
{
    return Page::signOn($params);
}

function switchhook_AdminSingleSignOn(array $params)
{
    return Page::adminSignOn($params);
}

/** https://developers.whmcs.com/provisioning-modules/custom-actions/ since 8.5 */
function switchhook_CustomActions(array $params)
{
    $actions = new \WHMCS\Module\Server\CustomActionCollection();
    $actions->add(\WHMCS\Module\Server\CustomAction::factory(
        'switchhook',
        'Log in to the panel',
        'switchhook_ServiceSingleSignOn',
        [$params],
        ['productsso']
    ));
    return $actions;
}
