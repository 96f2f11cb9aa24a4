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

    // Leaves alone what is open, scrolled or has the focus.
    const put = (part, fresh) => {
        if (!fresh || fresh.innerHTML === part.dataset.shown) {
            return;
        }
        const shown = fresh.innerHTML;
        const open = [...part.querySelectorAll("details[open]")].map((one) => one.id);
        const scrolled = [...part.querySelectorAll("[id]")].filter((one) => one.scrollLeft || one.scrollTop)
            .map((one) => [one.id, one.scrollLeft, one.scrollTop]);
        const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
        part.innerHTML = shown;
        part.dataset.shown = shown;
        const each = (id, act) => {
            const one = id && document.getElementById(id);
            if (one) {
                act(one);
            }
        };
        open.forEach((id) => each(id, (one) => { one.open = true; }));
        scrolled.forEach(([id, left, top]) => each(id, (one) => { one.scrollLeft = left; one.scrollTop = top; }));
        each(focused, (one) => one.focus({ preventScroll: true }));
    };

    new EventSource("/page/changes").onmessage = refresh;
})();
