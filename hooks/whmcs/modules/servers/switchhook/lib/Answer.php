<?php
/** What a bridge answered, or that nobody did: in words, and in what to do next. */

namespace WHMCS\Module\Server\Switchhook;

class Answer
{
    /** Not kept: send the same again later. */
    const OPEN = 'open';
    /** Kept, and on its way. */
    const KEPT = 'kept';
    /** A person must look; the same event goes on once that is done. */
    const PARKED = 'parked';
    /** There is no more to come of it. */
    const ENDED = 'ended';

    /** @var int of HTTP; 0 where nothing came back */
    public $status;
    /** @var array */
    public $told;

    public function __construct(int $status, array $told)
    {
        $this->status = $status;
        $this->told = $told;
    }

    /** What the outbox keeps of it. */
    public function state(): string
    {
        // 409: this id was told before in other words, and the first stands.
        if (in_array($this->status, [400, 409, 413, 415], true)) {
            return self::ENDED;
        }
        if ($this->status !== 200 && $this->status !== 202) {
            return self::OPEN;
        }
        $states = [
            'done' => self::ENDED,
            'superseded' => self::ENDED,
            'refused' => self::ENDED,
            'parked' => self::PARKED,
        ];
        return $states[$this->told['status'] ?? ''] ?? self::KEPT;
    }

    public function isDone(): bool
    {
        return $this->status === 200
            && in_array($this->told['status'] ?? '', ['done', 'superseded'], true);
    }

    public function isUnderWay(): bool
    {
        return $this->state() === self::KEPT;
    }

    public function operation(): string
    {
        return (string) ($this->told['operation_id'] ?? '');
    }

    /** One sentence for staff: what it says, and why. */
    public function said(): string
    {
        if ($this->status === 0) {
            return 'the bridge cannot be reached (' . ($this->told['error'] ?? 'no answer') . ')';
        }
        if ($this->status === 200 || $this->status === 202) {
            $why = $this->told['reason'] ?? '';
            return ($this->told['status'] ?? 'kept') . ($why === '' ? '' : ": $why");
        }
        if ($this->status === 422) {  // a plain no to what was asked
            return (string) ($this->told['detail'] ?? 'it was refused');
        }
        $faults = array_map(function ($fault) {
            return $fault['path'] . ' ' . $fault['reason'];
        }, $this->told['faults'] ?? []);
        $detail = $this->told['detail'] ?? 'no reason was given';
        return trim("the bridge answered {$this->status}: $detail " . implode('; ', $faults));
    }
}
