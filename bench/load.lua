-- wrk's part of bench/serve.py:
--   wrk ... -s bench/load.lua URL -- FILE
-- posts the lines of FILE, each the body of a request, in turn, and ends with
-- a line of JSON that says what was measured.  All is formatted beforehand; a
-- single line costs no call of Lua a request.
local requests, n, sent = {}, 0, 0

local function next_request()
   sent = sent % n + 1
   return requests[sent]
end

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   for line in io.lines(args[1]) do
      n = n + 1
      requests[n] = wrk.format(nil, nil, nil, line)
      wrk.body = line
   end
   if n > 1 then
      request = next_request
   end
end

function done(summary, latency)
   local errors = 0
   for _, count in pairs(summary.errors) do
      errors = errors + count
   end
   print(string.format(
      '{"requests": %d, "seconds": %.6f, "errors": %d, "p50": %.3f, ' ..
      '"p99": %.3f}', summary.requests, summary.duration / 1e6, errors,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
