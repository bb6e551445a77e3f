{* The page of a service. Every value is escaped: it comes from elsewhere. Its classes are
   those of Bootstrap 3 and 4, which WHMCS's themes have; its colours are the theme's. *}
<div class="panel panel-default card mb-3 text-left">
  <div class="panel-body card-body">
    {if $switchhook.said}
      <div class="alert alert-info">{$switchhook.said|escape}</div>
    {/if}
    {if !$switchhook.known}
      <p>Your account is being set up. You will get a mail when it is ready.</p>
    {else}
      <p>
        <span class="label label-{$switchhook.colour|escape} badge-{$switchhook.colour|escape}" style="padding: .25em .6em; border-radius: .25em">{$switchhook.state|escape}</span>
      </p>
      {foreach $switchhook.rows as $name => $value}
        <div class="row">
          <div class="col-xs-5 col-5 text-muted">{$name|escape}</div>
          <div class="col-xs-7 col-7" style="overflow-wrap: anywhere">{$value|escape}</div>
        </div>
      {/foreach}
      <p style="margin-top: 1em; line-height: 2.8">
        {if $switchhook.login}
          <a class="btn btn-primary" href="clientarea.php?action=productdetails&amp;id={$switchhook.id|escape}&amp;dosinglesignon=1">Log in</a>
        {/if}
        <a class="btn btn-default btn-outline-primary" href="cart.php?gid=addons">Top up</a>
        {if $switchhook.upgrade}
          <a class="btn btn-default btn-outline-primary" href="upgrade.php?type=package&amp;id={$switchhook.id|escape}">Upgrade</a>
        {/if}
        {if $switchhook.unsubscribe}
          <a class="btn btn-default btn-outline-secondary" href="clientarea.php?action=cancel&amp;id={$switchhook.id|escape}">Unsubscribe</a>
        {/if}
      </p>
      {if $switchhook.coupons}
        <h4>Coupons</h4>
        {foreach $switchhook.coupons as $coupon}
          <form method="post" action="clientarea.php?action=productdetails" style="margin-bottom: .5em">
            <input type="hidden" name="id" value="{$switchhook.id|escape}" />
            <input type="hidden" name="modop" value="custom" />
            <input type="hidden" name="a" value="activate" />
            <input type="hidden" name="coupon" value="{$coupon.id|escape}" />
            {$coupon.kind|escape}:
            {foreach $coupon.variants as $way}
              <button type="submit" class="btn btn-default btn-sm btn-outline-primary" name="variant" value="{$way.variant|escape}">{$way.text|escape}</button>
            {/foreach}
          </form>
        {/foreach}
      {/if}
      {if $switchhook.timeline}
        <h4>Timeline</h4>
        <div class="table-responsive">
          <table class="table table-condensed table-sm">
            {foreach $switchhook.timeline as $part}
              <tr><td>{$part.from|escape}{if $part.to} – {$part.to|escape}{/if}</td><td>{$part.package|escape}</td></tr>
            {/foreach}
          </table>
        </div>
      {/if}
      {if $switchhook.ledger}
        <h4>Payments and credit</h4>
        <div class="table-responsive">
          <table class="table table-condensed table-sm">
            {foreach $switchhook.ledger as $entry}
              <tr><td style="white-space: nowrap">{$entry.at|escape}</td><td style="white-space: nowrap">{$entry.amount|escape}</td><td>{$entry.what|escape}</td></tr>
            {/foreach}
          </table>
        </div>
      {/if}
    {/if}
  </div>
</div>
