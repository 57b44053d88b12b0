namespace ChatHost;

/// <summary>
/// At most <paramref name="limit"/> events in any stretch of <paramref name="length"/>, exactly: it remembers when each of the
/// last ones was. A counter that starts anew every ten seconds would let twice as many through around each start.
/// Not for concurrent use.
/// </summary>
internal sealed class SlidingWindow(TimeProvider time, int limit, TimeSpan length)
{
    private readonly long[] _taken = new long[limit];
    private int _count;
    private int _oldest;

    /// <summary>Counts one more event if there is room for it; one without room is not counted.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        if (_count < limit)
        {
            _taken[_count++] = now;
            return true;
        }

        if (time.GetElapsedTime(_taken[_oldest], now) < length)
        {
            return false;
        }

        _taken[_oldest] = now;
        _oldest = (_oldest + 1) % limit;
        return true;
    }
}
