<?php
/** A bridge, as a WHMCS server record names it: sign, post, read the answer. */

namespace WHMCS\Module\Server\Switchhook;

use RuntimeException;

class Bridge
{
    /** Seconds. PHP's own limit is usually 30; ours ends before it. */
    const CONNECT = 3;
    const WAIT = 20;
    const SLACK = 4;
    const ASK = 10;

    /** @var int tblservers.id */
    public $server;
    /** @var string which backend a new account is opened on; '' lets the bridge choose */
    public $backend;
    private $root;
    private $source;
    private $secret;

    private function __construct(array $record)
    {
        $this->server = (int) $record['id'];
        $this->source = trim($record['username']);
        $this->secret = trim($record['password']);
        $this->backend = trim($record['accesshash']);
        $this->root = self::root($record);
        if ($this->source === '' || strpos($this->secret, 'whsec_') !== 0) {
            throw new RuntimeException(
                'The server record needs the name of the source as Username and its'
                . ' secret (whsec_...) as Password; "switchhook source add whmcs" prints both.'
            );
        }
    }

    /**
     * Of the parameters of a module call.
     * https://developers.whmcs.com/provisioning-modules/module-parameters/
     */
    public static function of(array $params): self
    {
        if (empty($params['serverhostname'])) {
            return self::ofServer((int) ($params['serverid'] ?? 0));
        }
        return new self([
            'id' => $params['serverid'] ?? 0,
            'hostname' => $params['serverhostname'],
            'port' => $params['serverport'] ?? '',
            'secure' => !empty($params['serversecure']),
            'username' => $params['serverusername'] ?? '',
            'password' => $params['serverpassword'] ?? '',
            'accesshash' => $params['serveraccesshash'] ?? '',
        ]);
    }

    /** Of a server record; 0 is the only one there is. */
    public static function ofServer(int $id): self
    {
        return new self(Shop::server($id));
    }

    /** An event: the id is the same for every attempt, and so is the body. */
    public function tell(string $id, string $body, int $wait = 0): Answer
    {
        $more = $wait ? ["Prefer: wait=$wait"] : [];
        $within = $wait ? $wait + self::SLACK : self::ASK;
        return $this->post("/hooks/{$this->source}", $id, $body, $more, $within);
    }

    /** A question. Its answer, or an exception that says why there is none. */
    public function ask(string $word, array $more = [], string $token = ''): array
    {
        $id = 'ask-' . ($token === '' ? bin2hex(random_bytes(12)) : $token);
        $body = json_encode(['ask' => $word] + $more);
        $answer = $this->post("/ask/{$this->source}", $id, $body, [], self::ASK);
        if ($answer->status !== 200) {
            throw new RuntimeException('Switchhook: ' . $answer->said());
        }
        return $answer->told;
    }

    /** All pages of an answer that comes in pages. */
    public function askAll(string $word, string $list): array
    {
        $all = [];
        $after = null;
        do {
            $page = $this->ask($word, ['after' => $after]);
            $all = array_merge($all, $page[$list] ?? []);
            $after = $page['after'] ?? null;
        } while ($after !== null);
        return $all;
    }

    /** Whether it is on this machine. */
    public function isHere(): bool
    {
        return self::isLocal((string) parse_url($this->root, PHP_URL_HOST));
    }

    public static function isLocal(string $host): bool
    {
        return in_array(trim($host, '[]'), ['127.0.0.1', 'localhost', '::1'], true);
    }

    /** @return string[] what must not be in any log */
    public function secrets(): array
    {
        return [$this->secret];
    }

    private static function root(array $record): string
    {
        $host = trim($record['hostname']);
        $port = trim((string) $record['port']);
        if ($host === '') {
            throw new RuntimeException('The server record has no hostname; write the bridge\'s.');
        }
        if (!$record['secure'] && !self::isLocal($host)) {
            throw new RuntimeException(
                "Tick \"Secure\" in the server record of $host: passwords go over this line."
            );
        }
        return ($record['secure'] ? 'https' : 'http') . "://$host" . ($port === '' ? '' : ":$port");
    }

    /** Signed as https://www.standardwebhooks.com says. */
    private function post(string $path, string $id, string $body, array $more, int $within): Answer
    {
        $now = (string) time();
        $key = base64_decode(substr($this->secret, strlen('whsec_')));
        $signature = base64_encode(hash_hmac('sha256', "$id.$now.$body", $key, true));
        $call = curl_init($this->root . $path);
        curl_setopt_array($call, [
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => array_merge([
                'Content-Type: application/json',
                "webhook-id: $id",
                "webhook-timestamp: $now",
                "webhook-signature: v1,$signature",
                'Expect:',
            ], $more),
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_CONNECTTIMEOUT => self::CONNECT,
            CURLOPT_TIMEOUT => $within,
        ]);
        $came = curl_exec($call);
        $status = $came === false ? 0 : (int) curl_getinfo($call, CURLINFO_HTTP_CODE);
        $error = curl_error($call);
        curl_close($call);
        $told = $status ? json_decode((string) $came, true) : ['error' => $error];
        return new Answer($status, is_array($told) ? $told : []);
    }
}
