{* The page of a service while the bridge cannot be asked. *}
<div class="alert alert-info">
  <p>Your service works; its details cannot be shown at the moment. Please look again in a few minutes.</p>
</div>
