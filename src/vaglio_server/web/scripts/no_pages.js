// Page views are switched off for this source: nothing is sent, and what was stored is forgotten.
(function () {
  function forget() {
    try { localStorage.removeItem("vaglio_id"); } catch (_) {}
  }
  window.vaglio = { consent: forget, page: function () {}, id: function () { return ""; } };
  forget();
})();
