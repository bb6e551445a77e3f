<?php
/**
 * Before whmcs.php, where PHP runs as WebAssembly: its curl reaches no socket, so what
 * the module asks of curl is done by who runs it. All else is that PHP's own.
 */

namespace WHMCS\Module\Server\Switchhook;

function curl_init(string $url): \ArrayObject
{
    return new \ArrayObject(['url' => $url, 'status' => 0, 'error' => '']);
}

function curl_setopt_array(\ArrayObject $call, array $options): void
{
    $call['body'] = $options[CURLOPT_POSTFIELDS];
    $call['headers'] = $options[CURLOPT_HTTPHEADER];
}

/** @return string|false */
function curl_exec(\ArrayObject $call)
{
    $came = json_decode(\post_message_to_js(json_encode($call->getArrayCopy())), true);
    $call['status'] = $came['status'];
    $call['error'] = $came['error'];
    return $came['status'] ? $came['body'] : false;
}

function curl_getinfo(\ArrayObject $call, int $what): int
{
    return $call['status'];
}

function curl_error(\ArrayObject $call): string
{
    return $call['error'];
}

function curl_close(\ArrayObject $call): void
{
}
