<?php
/** One thing that was sold here: a service or an add-on, and what it is in our catalog. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Sold
{
    /** How the first module setting begins where it names a top-up. */
    const TOPUP = 'topup:';

    /** @var string a service's id, or "a" and an add-on's */
    public $ref;
    public $client;
    public $server;
    public $chosen;
    /** @var string the service it goes on top of; '' for none */
    public $target;

    public function __construct(string $ref, int $client, int $server, string $chosen, string $target = '')
    {
        $this->ref = $ref;
        $this->client = $client;
        $this->server = $server;
        $this->chosen = trim($chosen);
        $this->target = trim($target);
    }

    /**
     * Of a module call. An add-on's has the service it was bought to as serviceid.
     * https://developers.whmcs.com/provisioning-modules/module-parameters/
     */
    public static function of(array $params): self
    {
        $addon = (int) ($params['addonId'] ?? 0);
        $service = (string) $params['serviceid'];
        $field = $addon ? '' : trim((string) ($params['configoption3'] ?? ''));
        if ($field !== '' && !isset($params['customfields'][$field])) {
            throw self::withoutField($field);
        }
        return new self(
            self::refOf($params),
            (int) ($params['userid'] ?? $params['clientsdetails']['userid'] ?? 0),
            (int) ($params['serverid'] ?? 0),
            (string) ($params['configoption1'] ?? ''),
            $addon ? $service : (string) ($field === '' ? '' : $params['customfields'][$field])
        );
    }

    public static function refOf(array $params): string
    {
        $addon = (int) ($params['addonId'] ?? 0);
        return $addon ? "a$addon" : (string) $params['serviceid'];
    }

    /** Renamed, its credit would go to whichever account there is. */
    public static function withoutField(string $name): RuntimeException
    {
        return new RuntimeException("Custom field \"$name\" is gone or renamed: it says which service a top-up is"
            . ' for. Name it as before, or change "Target field" in the Module Settings.');
    }

    public function isTopup(): bool
    {
        return strpos($this->chosen, self::TOPUP) === 0;
    }

    /** Its name in our catalog. */
    public function name(): string
    {
        return $this->isTopup() ? substr($this->chosen, strlen(self::TOPUP)) : $this->chosen;
    }
}
