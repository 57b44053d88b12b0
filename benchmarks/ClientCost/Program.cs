using System.Diagnostics;
using System.Globalization;

using RawSocketChat.ClientCost;

// What an echo costs a client in processor time, beside ClientWebSocket: the server in a process of its own, each client in a fresh process, by turns.
return args switch
{
    ["server"] => await EchoServer.RunAsync(),
    ["client", var kind, var port, var connections, var size, var depth] =>
        await EchoClients.RunAsync(kind, Number(port), Number(connections), Number(size), Number(depth)),
    [] => await CompareAsync(),
    _ => Wrong(),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Wrong()
{
    Console.Error.WriteLine("ClientCost takes no arguments.");
    return 1;
}

static async Task<int> CompareAsync()
{
    const int Rounds = 5;
    using var server = Start(processor: 0, "server");
    try
    {
        var port = await server.StandardOutput.ReadLineAsync() ?? throw new IOException("The server has not started.");
        Console.WriteLine("| echo | client | CPU µs/message | min..max | x ClientWebSocket | B allocated/message |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|");
        foreach (var (connections, size, depth) in ((int, int, int)[])[(1, 125, 1), (64, 125, 1), (64, 125, 16), (64, 16 * 1024, 1)])
        {
            var costs = EchoClients.Kinds.ToDictionary(kind => kind, _ => new List<(double Cpu, double Bytes)>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var kind in EchoClients.Kinds)
                {
                    using var client = Start(processor: 1, "client", kind, port, $"{connections}", $"{size}", $"{depth}");
                    var told = (await client.StandardOutput.ReadToEndAsync()).Split(' ');
                    await client.WaitForExitAsync();
                    costs[kind].Add((double.Parse(told[0], CultureInfo.InvariantCulture), double.Parse(told[1], CultureInfo.InvariantCulture)));
                }
            }

            var reference = Median(costs[EchoClients.Reference].Select(cost => cost.Cpu));
            foreach (var (kind, all) in costs)
            {
                var cpu = Median(all.Select(cost => cost.Cpu));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {size} B x {connections}{(depth > 1 ? $", {depth} in flight" : "")} | {kind} | {cpu:F2} | {all.Min(cost => cost.Cpu):F2}..{all.Max(cost => cost.Cpu):F2} | {cpu / reference:F2} | {Median(all.Select(cost => cost.Bytes)):F1} |"));
            }
        }
    }
    finally
    {
        server.Kill();
        await server.WaitForExitAsync();
    }

    return 0;
}

static Process Start(int processor, params string[] arguments)
{
    var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardInput = true,

        // With one processor the runtime waits ten times as long before it compiles anew what is hot, and our code would be measured before:
        // ClientWebSocket's came compiled with the framework.
        Environment = { ["DOTNET_TC_DelaySingleProcMultiplier"] = "1" },
    })!;
    if (OperatingSystem.IsLinux() && Environment.ProcessorCount > 1)
    {
        process.ProcessorAffinity = 1 << processor;
    }

    // Only now: what it counts its processors by is what it has.
    process.StandardInput.WriteLine();
    process.StandardInput.Flush();
    return process;
}

static double Median(IEnumerable<double> values)
{
    var sorted = values.Order().ToArray();
    return sorted[sorted.Length / 2];
}
