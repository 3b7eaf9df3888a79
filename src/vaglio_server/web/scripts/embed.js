// Puts a form of Vaglio where this script stands, as high as it needs to be.
(function () {
  var tag = document.currentScript, form = new URL(tag.src), frame = document.createElement("iframe"), ready = false;
  frame.src = form.href.replace(/\.js([?#].*)?$/, "") + "?embed=" + (tag.dataset.theme || "auto");
  frame.title = tag.dataset.title || "Form";
  frame.style.cssText = "width:100%;max-width:100%;height:640px;border:0;display:block";
  tag.after(frame);
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
