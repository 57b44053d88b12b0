using System.CommandLine;
using System.Runtime.InteropServices;

using RawSocketChat.Load;
using RawSocketChat.Load.Machine;
using RawSocketChat.Load.Measuring;
using RawSocketChat.Load.Results;
using RawSocketChat.Load.Servers;
using RawSocketChat.Samples;

// Measures whole servers side by side, each a process of its own under the same load.
const int Interrupted = 130;
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
var switches = new LoadSwitches();
var command = new RootCommand("Measures what a message costs this server and its peers, in processor time above all. For Linux.");
switches.AddTo(command);
command.SetAction(async parsed =>
{
    var plan = switches.Plan(parsed, DateOnly.FromDateTime(DateTime.Today));
    if (plan.OnlyLists)
    {
        List(plan.Suite);
        return 0;
    }

    if (!OperatingSystem.IsLinux())
    {
        throw new SwitchException("The generator speaks to Linux: it runs there alone.");
    }

    try
    {
        return await MeasureAsync(plan);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        // Every server that was running has been stopped on the way here.
        return Interrupted;
    }
});
return await ServerSwitches.RunAsync(command, args, Console.Out, Console.Error);

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

async Task<int> MeasureAsync(LoadPlan plan)
{
    var machine = MachineInfo.Read();
    var skipped = new Dictionary<string, string>();
    foreach (var server in plan.Servers.Where(server => server.IsNode))
    {
        if (await NodePackages.PrepareAsync(Console.Error, stop.Token) is { } reason)
        {
            skipped[server.Name] = reason;
            await Console.Error.WriteLineAsync($"{server.Name} is not measured: {reason}");
        }
    }

    ServerSpec[] servers = [.. plan.Servers.Where(server => !skipped.ContainsKey(server.Name))];
    var samples = await new LoadRun(plan.Cells, servers, plan.Effort, Console.Error).RunAsync(stop.Token);
    var report = new Report(
        plan.Suite, DateOnly.FromDateTime(DateTime.Today), machine, plan.Effort, skipped, CellResult.Of(samples), samples);
    string[] lines =
    [
        "", .. report.Origin, "", .. report.Tables.SelectMany(table => table.ForTerminal().Append(string.Empty)),
        .. (await ReportFiles.WriteAsync(report, plan.Output)).Select(file => $"written: {Path.GetRelativePath(Environment.CurrentDirectory, file)}"),
    ];
    Console.WriteLine(string.Join(Environment.NewLine, lines));
    return samples.Any(sample => sample.Failure is not null) ? 1 : 0;
}

static void List(LoadSuite suite)
{
    foreach (var server in suite.Servers)
    {
        Console.WriteLine($"server  {server.Name,-28} {server.Description}");
    }

    foreach (var cell in suite.Cells)
    {
        Console.WriteLine($"cell    {cell.Name}");
    }
}
