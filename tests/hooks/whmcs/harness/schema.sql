-- The columns of WHMCS's tables that the module reads. Of the documentation: tblhosting.id,
-- domain, username, password, tblproducts.id, tblservers.id (module-parameters.md),
-- tblhostingaddons, tbladdons (hooks-reference/addon.md), tblupgrades by upgradeid
-- (hooks-reference/products-and-services.md). Inferred, from common knowledge: all others.
CREATE TABLE tblclients (id INTEGER PRIMARY KEY, firstname, lastname, companyname, email, phonenumber, country, language DEFAULT '', groupid INTEGER DEFAULT 0);
CREATE TABLE tblclientgroups (id INTEGER PRIMARY KEY, groupname);
CREATE TABLE tblservers (id INTEGER PRIMARY KEY, name, type, hostname, port, secure DEFAULT '', username, password, accesshash DEFAULT '', disabled INTEGER DEFAULT 0);
CREATE TABLE tblproducts (id INTEGER PRIMARY KEY, name, type DEFAULT 'other', servertype, configoption1 DEFAULT '', configoption2 DEFAULT '', configoption3 DEFAULT '', configoption4 DEFAULT '', configoption5 DEFAULT '', welcomeemail INTEGER DEFAULT 1);
CREATE TABLE tblhosting (id INTEGER PRIMARY KEY, userid INTEGER, packageid INTEGER, server INTEGER, domain DEFAULT '', username DEFAULT '', password DEFAULT '', domainstatus DEFAULT 'Pending', billingcycle DEFAULT 'Monthly', nextduedate, regdate, suspendreason DEFAULT '', subscriptionid DEFAULT '', overideautosuspend DEFAULT '', overidesuspenduntil DEFAULT '0000-00-00', bwusage INTEGER DEFAULT 0, lastupdate);
CREATE TABLE tbladdons (id INTEGER PRIMARY KEY, name, module);
CREATE TABLE tblmodule_configuration (id INTEGER PRIMARY KEY, entity_type, entity_id INTEGER, setting_name, value);
CREATE TABLE tblhostingaddons (id INTEGER PRIMARY KEY, hostingid INTEGER, addonid INTEGER, userid INTEGER, server INTEGER, status DEFAULT 'Pending', nextduedate);
CREATE TABLE tblinvoices (id INTEGER PRIMARY KEY, userid INTEGER, date, duedate, status DEFAULT 'Unpaid', datepaid DEFAULT '0000-00-00 00:00:00', total DEFAULT '0.00');
CREATE TABLE tblinvoiceitems (id INTEGER PRIMARY KEY, invoiceid INTEGER, userid INTEGER, type, relid INTEGER, amount, duedate);
CREATE TABLE tblaccounts (id INTEGER PRIMARY KEY, userid INTEGER, invoiceid INTEGER, amountin DEFAULT '0.00', amountout DEFAULT '0.00', refundid INTEGER DEFAULT 0);
CREATE TABLE tblupgrades (id INTEGER PRIMARY KEY, userid INTEGER, type, relid INTEGER, newvalue, status DEFAULT 'Pending');
CREATE TABLE tblemailtemplates (id INTEGER PRIMARY KEY, name);
CREATE TABLE harness_options (service INTEGER, name, value);
CREATE TABLE tblcustomfields (id INTEGER PRIMARY KEY, type DEFAULT 'product', relid INTEGER, fieldname);
CREATE TABLE tblcustomfieldsvalues (id INTEGER PRIMARY KEY, fieldid INTEGER, relid INTEGER, value);
CREATE TABLE harness_queue (id INTEGER PRIMARY KEY, ref, action, error, completed INTEGER DEFAULT 0);
CREATE TABLE harness_log (id INTEGER PRIMARY KEY, kind, text);
