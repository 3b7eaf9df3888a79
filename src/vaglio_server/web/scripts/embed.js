// Puts a form of Vaglio where this script stands, as high as it needs to be.
(function () {
  var tag = document.currentScript, form = new URL(tag.src), frame = document.createElement("iframe"), ready = false;
  frame.src = form.href.replace(/\.js([?#].*)?$/, "") + "?embed=" + (tag.dataset.theme || "auto");
  frame.title = tag.dataset.title || "Form";
  frame.style.cssText = "width:100%;max-width:100%;height:640px;border:0;display:block";
  tag.after(frame);
  // Where the frame stays empty (a site that the form does not name, a blocker), a link leads to the form.
  frame.addEventListener("load", function () {
    setTimeout(function () {
      if (ready || !frame.isConnected) return;
      var link = document.createElement("a");
      link.href = form.href.replace(/\.js([?#].*)?$/, "");
      link.textContent = frame.title;
      frame.replaceWith(link);
      console.warn("Vaglio: the form cannot be shown inside of " + location.origin + "; a link to it stands there. Name this site in the form, under “Sites that may show it”.");
    }, 3000);
  });
  // Who the visitor is to the page views of this site, where they agreed to those.
  function tell() {
    if (!ready) return; // the frame asks as soon as it is there
    var id = window.vaglio && vaglio.id ? vaglio.id() : "";
    frame.contentWindow.postMessage({ vaglio: "visitor", id: id }, form.origin);
  }
  addEventListener("vaglio:consent", tell);
  addEventListener("message", function (event) {
    if (event.source !== frame.contentWindow || event.origin !== form.origin || !event.data) return;
    var told = event.data;
    if (told.vaglio === "size") frame.style.height = Math.ceil(told.height) + "px";
    if (told.vaglio === "ready") { ready = true; tell(); }
    if (told.vaglio === "top") frame.scrollIntoView({ block: "nearest" });
    if (told.vaglio === "go" && /^https?:\/\//.test(told.to)) location.assign(told.to);
  });
})();
