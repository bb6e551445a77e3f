<?php
/** The module's own two tables, made when they are first needed. */

namespace WHMCS\Module\Server\Switchhook;

use WHMCS\Database\Capsule;

class Tables
{
    const COUNTER = 'mod_switchhook_counter';
    const OUTBOX = 'mod_switchhook_outbox';

    /** https://developers.whmcs.com/advanced/db-interaction/ "The Schema Manager" */
    public static function ready(): void
    {
        $schema = Capsule::schema();
        if (!$schema->hasTable(self::COUNTER)) {
            $schema->create(self::COUNTER, function ($table) {
                $table->string('service', 64)->unique();
                $table->integer('n');
            });
        }
        if (!$schema->hasTable(self::OUTBOX)) {
            $schema->create(self::OUTBOX, function ($table) {
                $table->increments('id');
                $table->integer('server');
                $table->string('event', 128)->unique();
                $table->string('service', 64)->index();
                $table->string('essence', 64);
                $table->text('body');
                $table->string('state', 16)->index();
                $table->string('operation', 64);
                $table->text('said');
                $table->integer('tries');
                $table->integer('heard');
                $table->integer('changed');
            });
        }
    }
}
