namespace RawSocketChat.Load.Generator;

/// <summary>A kind of load on a server: its connections are open as long as it lives.</summary>
internal interface ITraffic : IDisposable
{
    /// <summary>Loads the server for that long, and then waits for all that is on its way.</summary>
    Interval Run(TimeSpan duration, CancellationToken stop);
}
