// Whenever the sandbox says that something has changed, this view is fetched again and its parts that may change are
// put in place. Nothing here is needed to use the page; without it, load it again.
"use strict";

(() => {
    let fetching = false;
    let again = false;

    const refresh = async () => {
        if (fetching) {
            again = true;
            return;
        }
        fetching = true;
        try {
            const answer = await fetch(location.href, { cache: "no-store" });
            if (answer.ok) {
                const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
                document.querySelectorAll("[data-live]").forEach((part) => put(part, fresh.getElementById(part.id)));
            }
        } catch {
            // It is away for a moment; the next event comes once it is back.
        } finally {
            fetching = false;
            if (again) {
                again = false;
                refresh();
            }
        }
    };

    // Where an element stands: the nearest thing above it that has a name, and the way down from there.
    const way = (part, one) => {
        const down = [];
        let at = one;
        while (at !== part && !at.id) {
            down.unshift([...at.parentElement.children].indexOf(at));
            at = at.parentElement;
        }
        return [at === part ? "" : at.id, down];
    };
    const find = (part, [id, down]) =>
        down.reduce((at, place) => at && at.children[place], id ? document.getElementById(id) : part);

    // Keeps what is open, scrolled or has the focus as it is.
    const put = (part, fresh) => {
        if (!fresh || fresh.innerHTML === part.dataset.shown) {
            return;
        }
        const shown = fresh.innerHTML;
        const all = [...part.querySelectorAll("*")];
        const open = all.filter((one) => one.open).map((one) => way(part, one));
        const scrolled = all.filter((one) => one.scrollLeft || one.scrollTop)
            .map((one) => [way(part, one), one.scrollLeft, one.scrollTop]);
        const focused = part.contains(document.activeElement) && way(part, document.activeElement);
        part.innerHTML = shown;
        part.dataset.shown = shown;
        open.map((one) => find(part, one)).filter(Boolean).forEach((one) => { one.open = true; });
        scrolled.map(([one, left, top]) => [find(part, one), left, top]).filter(([one]) => one)
            .forEach(([one, left, top]) => { one.scrollLeft = left; one.scrollTop = top; });
        const next = focused && find(part, focused);
        if (next) {
            next.focus({ preventScroll: true });
        }
    };

    // Only while it is looked at: a browser allows few connections to one server.
    let changes = null;
    const listen = () => {
        if (document.hidden && changes) {
            changes.close();
            changes = null;
        } else if (!document.hidden && !changes) {
            changes = new EventSource("/page/changes");
            changes.onmessage = refresh;
        }
    };
    document.addEventListener("visibilitychange", listen);
    listen();
})();
