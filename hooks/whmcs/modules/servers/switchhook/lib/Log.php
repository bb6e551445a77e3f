<?php
/** What is written for people: the module log, which is off by default, and the activity log. */

namespace WHMCS\Module\Server\Switchhook;

class Log
{
    /** https://developers.whmcs.com/provisioning-modules/module-logging/ */
    public static function call(Bridge $bridge, string $event, string $body, Answer $answer, array $hidden = []): void
    {
        $told = json_encode($answer->told);
        logModuleCall('switchhook', $event, $body, $told, $answer->said(), array_merge(
            $bridge->secrets(),
            $hidden
        ));
        if (!in_array($answer->status, [200, 202], true)) {
            // Kept where the module log is switched off, too.
            logActivity("Switchhook: $event: " . $answer->said());
        }
    }
}
