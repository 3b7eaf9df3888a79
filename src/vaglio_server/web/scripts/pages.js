// Page views for Vaglio. Stores nothing and sends nothing before vaglio.consent(true).
(function () {
  var from = new URL(document.currentScript.src), key = from.searchParams.get("key"), name = "vaglio_id", held = null;
  function read() {
    try { return localStorage.getItem(name) || held; } catch (_) { return held; }
  }
  function drawn() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }
  function page() {
    var id = read();
    if (!id) return;
    var here = { path: location.pathname, url: location.origin + location.pathname, title: document.title, search: location.search, referrer: document.referrer };
    fetch(from.origin + "/v1/page", {
      method: "POST", keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ writeKey: key, anonymousId: id, messageId: drawn(), sentAt: new Date().toISOString(), timestamp: new Date().toISOString(),
        properties: here, context: { userAgent: navigator.userAgent } })
    }).catch(function () {});
  }
  function consent(given) {
    var had = read();
    if (given && !had) {
      held = drawn();
      try { localStorage.setItem(name, held); } catch (_) {}
      page();
    }
    if (!given) {
      held = null;
      try { localStorage.removeItem(name); } catch (_) {}
    }
    dispatchEvent(new Event("vaglio:consent"));
  }
  window.vaglio = { consent: consent, page: page, id: read };
  page();
})();
