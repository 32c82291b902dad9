import { useMarketplaceUpdates } from '../hooks/useWebSocket';

function MarketplaceComponent() {
  const [providers, setProviders] = useState([]);

  useMarketplaceUpdates((data) => {
    console.log('Marketplace update:', data);
    // Update your state based on the event type
    // data will contain the update information
  });

  return (
    <div>
      {/* Your marketplace UI */}
    </div>
  );
}
