using System.Diagnostics;

using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Tests;

public sealed class Histograms
{
    [Test]
    public void Every_value_lies_in_a_bucket_that_is_at_most_a_32nd_wide()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var value = random.NextInt64() >> random.Next(63);

            var end = Histogram.UpperEnd(Histogram.Index(value));

            end.Should().BeGreaterThanOrEqualTo(value);
            (end - value).Should().BeLessThanOrEqualTo(value / 32);
        }
    }

    [Test]
    public void The_buckets_follow_one_another_without_a_gap()
    {
        for (var index = 0; index < 1000; index++)
        {
            Histogram.Index(Histogram.UpperEnd(index)).Should().Be(index);
            Histogram.Index(Histogram.UpperEnd(index) + 1).Should().Be(index + 1);
        }
    }

    [Test]
    public void The_longest_duration_has_a_bucket()
    {
        var histogram = new Histogram();

        histogram.Record(long.MaxValue);

        histogram.Count.Should().Be(1);
    }

    [TestCase(0.5, 500)]
    [TestCase(0.99, 990)]
    [TestCase(0.999, 999)]
    [TestCase(1, 1000)]
    public void A_share_of_the_durations_does_not_exceed_the_percentile(double share, double expected)
    {
        var histogram = new Histogram();
        foreach (var microseconds in Enumerable.Range(1, 1000))
        {
            histogram.Record(microseconds * (Stopwatch.Frequency / 1_000_000));
        }

        histogram.Microseconds(share).Should().BeInRange(expected, expected * 33 / 32);
    }

    [Test]
    public void Nothing_recorded_has_no_percentile() => new Histogram().Microseconds(0.99).Should().Be(0);
}
