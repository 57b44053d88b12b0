using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.Connection.Tests;

/// <summary>Many deadlines behind one timer.</summary>
public sealed class Deadlines
{
    private FakeTimeProvider _time = null!;
    private DeadlineQueue _queue = null!;
    private List<Due> _told = null!;

    [SetUp]
    public void Make()
    {
        _time = new();
        _queue = DeadlineQueue.Of(_time);
        _told = [];
    }

    [Test]
    public void Each_is_told_once_when_it_is_due_and_not_before()
    {
        var (early, late) = (new Due(_told), new Due(_told));
        _queue.Set(late, TimeSpan.FromSeconds(3));
        _queue.Set(early, TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromMilliseconds(1999));
        _told.Should().BeEmpty();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _told.Should().Equal(early);
        _time.Advance(TimeSpan.FromSeconds(10));
        _told.Should().Equal(early, late);
    }

    [Test]
    public void One_that_is_set_again_is_due_at_the_new_time_only()
    {
        var (sooner, later) = (new Due(_told), new Due(_told));
        _queue.Set(sooner, TimeSpan.FromSeconds(5));
        _queue.Set(later, TimeSpan.FromSeconds(1));
        _queue.Set(sooner, TimeSpan.FromSeconds(2));
        _queue.Set(later, TimeSpan.FromSeconds(4));

        _time.Advance(TimeSpan.FromSeconds(3));
        _told.Should().Equal(sooner);
        _time.Advance(TimeSpan.FromSeconds(1));
        _told.Should().Equal(sooner, later);
    }

    [Test]
    public void One_that_was_removed_is_never_told_even_if_it_is_set_again()
    {
        var removed = new Due(_told);
        _queue.Set(removed, TimeSpan.FromSeconds(1));
        _queue.Remove(removed);
        _queue.Set(removed, TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromMinutes(1));
        _told.Should().BeEmpty();
    }

    [Test]
    public void One_may_set_itself_again_when_it_is_told()
    {
        var again = new Due(_told);
        again.WhenDue = () => _queue.Set(again, TimeSpan.FromSeconds(1));
        _queue.Set(again, TimeSpan.FromSeconds(1));

        for (var i = 1; i <= 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _told.Should().HaveCount(i);
        }
    }

    [Test]
    public void A_clock_has_one_queue()
    {
        DeadlineQueue.Of(_time).Should().BeSameAs(_queue);
        DeadlineQueue.Of(new FakeTimeProvider()).Should().NotBeSameAs(_queue);
    }

    [Test]
    public void Thousands_set_moved_and_removed_at_random_are_told_in_the_order_of_their_times()
    {
        var random = new Random(7);
        var all = Enumerable.Range(0, 2000).Select(_ => new Due(_told)).ToArray();
        var expected = new Dictionary<Due, int>();
        foreach (var _ in Enumerable.Range(0, 3))
        {
            foreach (var due in all.Where(_ => random.Next(3) > 0))
            {
                expected[due] = random.Next(1, 100_000);
                _queue.Set(due, TimeSpan.FromMilliseconds(expected[due]));
            }
        }

        foreach (var due in all.Where(_ => random.Next(4) == 0))
        {
            _queue.Remove(due);
            expected.Remove(due);
        }

        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _told.Count.Should().Be(expected.Values.Count(time => time <= (i + 1) * 1000));
        }

        _told.Select(due => expected[due]).Should().BeInAscendingOrder();
        _told.Should().OnlyHaveUniqueItems();
    }

    private sealed class Due(List<Due> told) : Deadline
    {
        public Action? WhenDue { get; set; }

        public override void OnDue()
        {
            told.Add(this);
            WhenDue?.Invoke();
        }
    }
}
