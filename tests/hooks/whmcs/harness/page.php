<?php
/** A template as WHMCS shows it: php page.php TEMPLATES SMARTY < {"template": …, "vars": …} */

error_reporting(E_ALL & ~E_DEPRECATED);
require $argv[2] . '/Smarty.class.php';

$told = json_decode(stream_get_contents(STDIN), true);
$smarty = new Smarty();
$smarty->error_reporting = E_ALL & ~E_DEPRECATED;
$smarty->setTemplateDir($argv[1])->setCompileDir(sys_get_temp_dir() . '/smarty-' . getmypid());
foreach ($told['vars'] as $name => $value) {
    $smarty->assign($name, $value);
}
$shown = $smarty->fetch($told['template']);
$smarty->clearCompiledTemplate();
rmdir($smarty->getCompileDir());
echo $shown;
