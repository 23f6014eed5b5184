// Gradio's server ends the stream of results when no event is left to answer. An event that begins before the browser
// has read that it ended would wait for ever, since Gradio's client takes the stream for open. Here the client is given
// one stream that does not end, behind which those of the server are opened as events need them.
(() => {
  const fetchOnce = window.fetch;
  const due = new Set(); // events that the server has taken and not answered yet
  const early = new Set(); // and those whose answer came before the browser knew that they were taken
  let begun = () => {};
  let endLast = () => {};

  const join = async (request, options) => {
    const response = await fetchOnce(request, options);
    if (response.ok) {
      const {event_id} = await response.clone().json();
      if (!early.delete(event_id)) due.add(event_id);
      begun();
    }
    return response;
  };

  // Passes on what a stream of the server says; resolves to whether there may be another.
  const passOn = async (response, send) => {
    const reader = response.body.getReader();
    const text = new TextDecoder();
    let rest = "";
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return false;
      const messages = (rest + text.decode(value, {stream: true})).split("\n\n");
      rest = messages.pop();
      for (const message of messages) {
        const said = message.startsWith("data:") ? JSON.parse(message.slice(5)) : {};
        if (said.msg === "process_completed" && !due.delete(said.event_id)) early.add(said.event_id);
        if (said.msg === "close_stream") return true;
        send(`${message}\n\n`);
      }
    }
  };

  const stream = async (request) => {
    endLast();
    const ended = new AbortController();
    const {signal} = ended;
    const end = () => ended.abort();
    request.signal.addEventListener("abort", end);
    endLast = end;
    const open = () => fetchOnce(new Request(request, {signal}));
    let response = await open();
    if (!response.ok) return response;
    const bytes = new TextEncoder();
    const body = new ReadableStream({
      async start(controller) {
        signal.addEventListener("abort", () => begun());
        try {
          while (await passOn(response, (message) => controller.enqueue(bytes.encode(message)))) {
            if (!due.size) await new Promise((resolve) => (begun = resolve));
            signal.throwIfAborted();
            response = await open();
            if (!response.ok) throw new Error(`The server answers with status ${response.status}.`);
          }
          controller.close();
        } catch (error) {
          if (signal.aborted) controller.close(); // as somebody wanted
          else controller.error(error);
        }
        if (endLast === end) due.clear();
      },
      cancel: end,
    });
    return new Response(body, {headers: response.headers});
  };

  window.fetch = (request, options) => {
    const {pathname} = new URL(request.url ?? request, location.href);
    if (pathname.endsWith("/gradio_api/queue/join")) return join(request, options);
    if (pathname.endsWith("/gradio_api/queue/data")) return stream(new Request(request, options));
    return fetchOnce(request, options);
  };
})();
