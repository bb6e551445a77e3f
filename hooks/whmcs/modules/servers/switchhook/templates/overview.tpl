{* The page of a service. Every value is escaped: it comes from elsewhere. *}
<div class="panel panel-default">
  <div class="panel-body">
    {if !$switchhook.known}
      <p>Your account is being set up. You will get a mail when it is ready.</p>
    {else}
      <dl class="dl-horizontal">
        <dt>Status</dt><dd>{$switchhook.status|escape}{if $switchhook.why}: {$switchhook.why|escape}{/if}</dd>
        <dt>Package</dt><dd>{$switchhook.package|escape}{if $switchhook.next} ({$switchhook.next|escape}){/if}</dd>
        <dt>User name</dt><dd>{$switchhook.username|escape}</dd>
        <dt>Limits</dt><dd>{$switchhook.limits|escape}</dd>
        {if $switchhook.balance}<dt>Balance</dt><dd>{$switchhook.balance|escape}</dd>{/if}
        {if $switchhook.paid_until}<dt>Paid until</dt><dd>{$switchhook.paid_until|escape}</dd>{/if}
      </dl>
      {if $switchhook.login}
        <a class="btn btn-primary" href="clientarea.php?action=productdetails&amp;id={$switchhook.id|escape}&amp;dosinglesignon=1">Log in</a>
      {/if}
      <a class="btn btn-default" href="cart.php?gid=addons">Top up</a>
      {if $switchhook.coupons}
        <h4>Coupons</h4>
        <ul>
          {foreach $switchhook.coupons as $coupon}
            <li>{$coupon.kind|escape}: {$coupon.variants|escape}</li>
          {/foreach}
        </ul>
      {/if}
      {if $switchhook.ledger}
        <h4>Payments and credit</h4>
        <table class="table">
          {foreach $switchhook.ledger as $entry}
            <tr><td>{$entry.at|escape}</td><td>{$entry.what|escape}</td><td>{$entry.amount|escape}</td><td>{$entry.because|escape}</td></tr>
          {/foreach}
        </table>
      {/if}
    {/if}
  </div>
</div>
