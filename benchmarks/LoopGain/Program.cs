using System.Globalization;

using RawSocketChat.LoopGain;

// What a second epoll loop gains where there is a second processor: one loop and two by turns, in one process, each with its own members.
const int Rounds = 15;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (!RawSocketChat.EpollLoopGroup.IsSupported || Environment.ProcessorCount < 2)
{
    Console.Error.WriteLine("This is about epoll loops on several processors: it needs 64-bit Linux and two processors.");
    return 1;
}

Console.WriteLine("| load | one loop, ms | two loops, ms | two to one |");
Console.WriteLine("|---|---:|---:|---:|");
foreach (var load in Load.All)
{
    await using var one = await Members.OpenAsync(loops: 1, load.Connections);
    await using var two = await Members.OpenAsync(loops: 2, load.Connections);
    var times = new Dictionary<Members, List<double>> { [one] = [], [two] = [] };
    for (var round = -3; round < Rounds; round++)
    {
        foreach (var members in (Members[])[one, two])
        {
            var time = load.Run(members);
            if (round >= 0)
            {
                times[members].Add(time.TotalMilliseconds);
            }
        }
    }

    var (first, second) = (Median(times[one]), Median(times[two]));
    Console.WriteLine($"| {load.Name} | {first:F2} | {second:F2} | {second / first:F2} |");
}

return 0;

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
