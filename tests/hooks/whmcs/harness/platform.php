<?php
/** What WHMCS gives a module beside its database: hooks, logs, its API, its classes. */

namespace {
    use WHMCS\Database\Capsule;

    define('WHMCS', true);
    $_SESSION = ['adminid' => 3];

    /** lib/ is autoloaded by this namespace: provisioning-modules/usage-metrics.md, the example's comment */
    spl_autoload_register(function ($class) {
        $ours = 'WHMCS\\Module\\Server\\Switchhook\\';
        if (strpos($class, $ours) === 0) {
            require MODULE . '/lib/' . substr($class, strlen($ours)) . '.php';
        }
    });

    /** hooks-reference/index.md: name, priority, function */
    function add_hook(string $name, int $priority, callable $does): void
    {
        Harness::$hooks[$name][] = $does;
    }

    /** provisioning-modules/module-logging.md: replaceVars are scrubbed from the entry */
    function logModuleCall($module, $action, $request, $response, $processed, $replace): void
    {
        $entry = json_encode([$module, $action, $request, $response, $processed], JSON_UNESCAPED_SLASHES);
        foreach ($replace as $secret) {
            $entry = str_replace($secret, str_repeat('*', 8), $entry);
        }
        Harness::log('module', $entry);
    }

    /** advanced/logging.md: the activity log */
    function logActivity(string $text, int $client = 0): void
    {
        Harness::log('activity', $text);
    }

    /** api-reference/decryptpassword.md, updateclientproduct.md */
    function localAPI(string $action, array $told): array
    {
        Harness::log('api', json_encode([$action, $told]));
        if ($action === 'DecryptPassword') {
            return ['result' => 'success', 'password' => base64_decode($told['password2'])];
        }
        if ($action === 'UpdateClientProduct') {
            Capsule::table('tblhosting')->where('id', $told['serviceid'])->update(['packageid' => $told['pid']]);
            return ['result' => 'success', 'serviceid' => $told['serviceid']];
        }
        return ['result' => 'error', 'message' => "Command $action is not of this harness"];
    }

    class Harness
    {
        public static $hooks = [];
        /** @var int seconds that the clock here is ahead of the machine's */
        public static $ahead = 0;

        public static function log(string $kind, string $text): void
        {
            Capsule::table('harness_log')->insert(['kind' => $kind, 'text' => $text]);
        }

        public static function hook(string $name, array $vars): array
        {
            return array_map(function ($does) use ($vars) {
                return $does($vars);
            }, self::$hooks[$name] ?? []);
        }
    }

    /** provisioning-modules/service-properties.md: Username of a service is a core column */
    class Properties
    {
        private $service;

        public function __construct(int $service)
        {
            $this->service = $service;
        }

        public function save(array $told): void
        {
            $columns = ['Username' => 'username', 'Password' => 'password', 'Domain' => 'domain'];
            foreach ($told as $name => $value) {
                Capsule::table('tblhosting')->where('id', $this->service)->update([$columns[$name] => $value]);
            }
        }
    }

    class Model
    {
        public $serviceProperties;

        public function __construct(int $service)
        {
            $this->serviceProperties = new Properties($service);
        }
    }
}

// What the module asks for the time: found in its own namespace before PHP's.
namespace WHMCS\Module\Server\Switchhook {
    function time(): int
    {
        return \time() + \Harness::$ahead;
    }

    function gmdate(string $form, ?int $at = null): string
    {
        return \gmdate($form, $at ?? time());
    }
}

// provisioning-modules/usage-metrics.md
namespace WHMCS\UsageBilling\Contracts\Metrics {
    interface MetricInterface
    {
        const TYPE_SNAPSHOT = 'snapshot';
    }

    interface ProviderInterface
    {
        public function metrics();

        public function usage();

        public function tenantUsage($tenant);
    }
}

namespace WHMCS\UsageBilling\Metrics {
    class Metric implements \WHMCS\UsageBilling\Contracts\Metrics\MetricInterface, \JsonSerializable
    {
        private $told;
        private $used;

        public function __construct($systemName, $displayName, $type, $units)
        {
            $this->told = $systemName;
        }

        public function systemName()
        {
            return $this->told;
        }

        public function withUsage($usage)
        {
            $with = clone $this;
            $with->used = $usage->value;
            return $with;
        }

        #[\ReturnTypeWillChange]
        public function jsonSerialize()
        {
            return [$this->told => $this->used];
        }
    }

    class Usage
    {
        public $value;

        public function __construct($value)
        {
            $this->value = $value;
        }
    }
}

namespace WHMCS\UsageBilling\Metrics\Units {
    class FloatingPoint
    {
        public function __construct($name)
        {
        }
    }

    class WholeNumber extends FloatingPoint
    {
    }
}

// provisioning-modules/custom-actions.md
namespace WHMCS\Module\Server {
    class CustomAction
    {
        public $told;

        public static function factory($id, $label, $does, array $arguments = [], array $permissions = [])
        {
            $action = new self();
            $action->told = [$id, $label, $does, $permissions];
            return $action;
        }
    }

    class CustomActionCollection
    {
        public $actions = [];

        public function add(CustomAction $action)
        {
            $this->actions[] = $action->told;
        }
    }
}
