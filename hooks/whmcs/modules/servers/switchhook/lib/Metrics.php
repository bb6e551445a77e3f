<?php
/** Metrics that a product may be billed by: balance, use, channels. */

namespace WHMCS\Module\Server\Switchhook;

use WHMCS\UsageBilling\Contracts\Metrics\MetricInterface;
use WHMCS\UsageBilling\Contracts\Metrics\ProviderInterface;
use WHMCS\UsageBilling\Metrics\Metric;
use WHMCS\UsageBilling\Metrics\Units\FloatingPoint;
use WHMCS\UsageBilling\Metrics\Units\WholeNumber;
use WHMCS\UsageBilling\Metrics\Usage as Used;

/** https://developers.whmcs.com/provisioning-modules/usage-metrics/ */
class Metrics implements ProviderInterface
{
    private $params;

    public function __construct(array $params)
    {
        $this->params = $params;
    }

    /** Asked for products, too, where there is no server: nobody is asked. */
    public function metrics()
    {
        $now = MetricInterface::TYPE_SNAPSHOT;
        return [
            new Metric('balance', 'Balance', $now, new FloatingPoint('Balance')),
            new Metric('used', 'Used', $now, new FloatingPoint('Used')),
            new Metric('channels', 'Channels', $now, new WholeNumber('Channels')),
        ];
    }

    public function usage()
    {
        return array_map([$this, 'of'], Usage::byTenant($this->params));
    }

    public function tenantUsage($tenant)
    {
        return $this->of(Usage::byTenant($this->params)[$tenant] ?? []);
    }

    private function of(array $has): array
    {
        return array_map(function ($metric) use ($has) {
            $value = $has[$metric->systemName()] ?? null;
            $value = is_array($value) ? $value['amount'] ?? null : $value;
            return $value === null ? $metric : $metric->withUsage(new Used($value));
        }, $this->metrics());
    }
}
